/** Whatever programs do, applying the diff to a client that holds the base gives the target. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blankScreen, Emulator, type Screen, screenDiff } from "../../../src/terminal/index.js";
import { output } from "../../support/program-output.js";
import { pictureOfScreen } from "../../support/screen-picture.js";
import {
	compareScreens,
	latentDifference,
	renderScreen,
	StockEmulator,
} from "../../support/stock-emulator/index.js";

/** Sizes of windows, down to the smallest. */
const size = fc.record({
	columns: fc.oneof(fc.constantFrom(2, 3, 80), fc.integer({ min: 2, max: 90 })),
	rows: fc.oneof(fc.constantFrom(1, 2, 24), fc.integer({ min: 1, max: 26 })),
});

/** A client that holds `screen`, brought there from nothing. */
function clientHolding(screen: Screen): StockEmulator {
	const client = new StockEmulator(screen.columns, screen.rows);
	client.write(screenDiff(blankScreen(screen.columns, screen.rows), screen));
	return client;
}

function apply(client: StockEmulator, base: Screen, target: Screen): void {
	if (base.columns !== target.columns || base.rows !== target.rows) {
		client.resize(target.columns, target.rows);
	}
	const diff = screenDiff(base, target);
	client.write(diff);
	const context = (): string => `after ${JSON.stringify(Buffer.from(diff).toString())}\n`;
	const picture = client.screen();
	const difference = compareScreens(pictureOfScreen(target), picture, ["bellCount"]);
	assert.equal(difference, undefined, `${difference} ${context()}${renderScreen(picture)}`);
	assert.equal(latentDifference(picture), undefined, context());
	assert.equal(client.parserInGround, true, context());
	assert.deepEqual(client.replies, [], context());
}

test("a diff between any two screens a program leaves", () => {
	fc.assert(
		fc.property(size, size, output, output, (before, after, first, second) => {
			const emulator = new Emulator({ ...before, onReply: () => {} });
			emulator.write(Buffer.from(first));
			const base = emulator.snapshot();
			const client = clientHolding(base);
			assert.equal(compareScreens(pictureOfScreen(base), client.screen(), ["bellCount"]), undefined);
			emulator.resize(after.columns, after.rows);
			emulator.write(Buffer.from(second));
			apply(client, base, emulator.snapshot());
			emulator.dispose();
		}),
		{ numRuns: 400, includeErrorInReport: true },
	);
});

test("a chain of frames, each from any earlier one the client may hold", () => {
	fc.assert(
		fc.property(
			size,
			fc.array(fc.record({ text: output, back: fc.nat(31) }), { minLength: 1, maxLength: 12 }),
			({ columns, rows }, frames) => {
				const emulator = new Emulator({ columns, rows, onReply: () => {} });
				const held = [{ screen: emulator.snapshot(), client: new StockEmulator(columns, rows) }];
				for (const { text, back } of frames) {
					emulator.write(Buffer.from(text));
					const target = emulator.snapshot();
					const base = held[Math.max(0, held.length - 1 - back)];
					assert.ok(base !== undefined);
					const client = base.client.clone();
					apply(client, base.screen, target);
					held.push({ screen: target, client });
				}
				emulator.dispose();
			},
		),
		{ numRuns: 200, includeErrorInReport: true },
	);
});
