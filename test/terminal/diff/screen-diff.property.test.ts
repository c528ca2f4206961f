/** Whatever programs do, applying the diff to a client that holds the base gives the target. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
	blankScreen,
	ClientScreen,
	Emulator,
	type Extensions,
	type Screen,
	screenDiff,
} from "../../../src/terminal/index.js";
import { EXTENSIONS } from "../../../src/terminal/screen/extensions.js";
import { codePointWidth } from "../../../src/terminal/screen/width.js";
import { output } from "../../support/program-output.js";
import { textOf } from "../../support/row-text.js";
import { pictureOfScreen } from "../../support/screen-picture.js";
import { StockDisplay } from "../../support/stock-display.js";
import {
	compareScreens,
	latentDifference,
	renderScreen,
	StockEmulator,
} from "../../support/stock-emulator/index.js";
import { verifiedDiff } from "../../support/verified-diff.js";

/** A client that knows new characters; one that does not is the subject of width-safety.property.test.ts. */
const KNOWS_ALL = { wcwidth: codePointWidth };

/** Sizes of windows, down to the smallest. */
const size = fc.record({
	columns: fc.oneof(fc.constantFrom(2, 3, 80), fc.integer({ min: 2, max: 90 })),
	rows: fc.oneof(fc.constantFrom(1, 2, 24), fc.integer({ min: 1, max: 26 })),
});

/** What the client shows beyond 1.4.0: often nothing or everything. */
const extensions: fc.Arbitrary<Extensions> = fc
	.oneof(
		fc.constant([]),
		fc.constant(EXTENSIONS.filter((name) => name !== "faint-grey")),
		fc.subarray([...EXTENSIONS]),
	)
	.map((names) => new Set(names));

/** A client that holds `screen`, brought there from nothing. */
function clientHolding(screen: Screen): StockEmulator {
	const client = new StockEmulator(screen.columns, screen.rows, KNOWS_ALL);
	client.write(verifiedDiff(blankScreen(screen.columns, screen.rows), screen));
	return client;
}

function apply(client: StockEmulator, base: Screen, target: Screen): void {
	if (base.columns !== target.columns || base.rows !== target.rows) {
		client.resize(target.columns, target.rows);
	}
	const diff = verifiedDiff(base, target);
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
		fc.property(size, size, extensions, output, output, (before, after, extensions, first, second) => {
			const emulator = new Emulator({ ...before, extensions, onReply: () => {} });
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
			extensions,
			fc.array(fc.record({ text: output, back: fc.nat(31) }), { minLength: 1, maxLength: 12 }),
			({ columns, rows }, extensions, frames) => {
				const emulator = new Emulator({ columns, rows, extensions, onReply: () => {} });
				const held = [{ screen: emulator.snapshot(), client: new StockEmulator(columns, rows, KNOWS_ALL) }];
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

/** Rows alike, as floods leave them; a text without an end of line continues in the next row. */
const alike = fc
	.array(
		fc
			.record({
				text: fc.constantFrom(
					"",
					"x",
					"\x1b[1;41mab\x1b[m",
					"漢字x",
					"e\u0301",
					"😀",
					"👩\u200d💻a",
					" \x1b[5Gq",
					"─x",
				),
				times: fc.integer({ min: 1, max: 12 }),
				rows: fc.integer({ min: 1, max: 9 }),
				end: fc.constantFrom("\r\n", "\r\n", "\x1b[K\r\n", ""),
			})
			.map(({ text, times, rows, end }) => `${text.repeat(times)}${end}`.repeat(rows)),
		{ minLength: 1, maxLength: 5 },
	)
	.map((parts) => `\x1b[H${parts.join("")}`);

test("a diff between screens of rows alike", () => {
	fc.assert(
		fc.property(size, alike, alike, (at, first, second) => {
			const emulator = new Emulator({ ...at, onReply: () => {} });
			emulator.write(Buffer.from(first));
			const base = emulator.snapshot();
			const client = clientHolding(base);
			emulator.write(Buffer.from(second));
			apply(client, base, emulator.snapshot());
			emulator.dispose();
		}),
		{ numRuns: 250, includeErrorInReport: true },
	);
});

/** What scrolls a screen, either way, also screens of rows alike. */
const scrolling = fc
	.array(
		fc.oneof(
			fc.nat(99).map((line) => `\x1b[99H\r\n${line} at the bottom`),
			fc.nat(9).map((line) => `\x1b[H\x1bM${line} at the top`),
			fc.nat(9).map((line) => `\x1b[${line};1H\x1b[L${line} between`),
			fc.integer({ min: 1, max: 5 }).map((count) => `\x1b[${count}S`),
			fc.integer({ min: 1, max: 5 }).map((count) => `\x1b[${count}T`),
			fc
				.record({ top: fc.integer({ min: 1, max: 4 }), bottom: fc.integer({ min: 5, max: 12 }) })
				.map(({ top, bottom }) => `\x1b[${top};${bottom}r\x1b[${bottom}H\n\nin a region\x1b[r`),
			fc.constantFrom("\x1b[H\x1b[2Jcleared", "\x1b[99H\r\n\r\nsame\r\nsame", "\x1b[3H\x1b[44m\x1b[K\x1b[m"),
		),
		{ minLength: 1, maxLength: 6 },
	)
	.map((parts) => parts.join(""));

test("a chain of frames in which nothing is to scroll on the client's terminal, each from any that the client may hold", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 2, max: 14 }),
			fc.array(fc.record({ text: scrolling, back: fc.nat(5) }), { minLength: 1, maxLength: 12 }),
			(rows, frames) => {
				const emulator = new Emulator({ columns: 40, rows, onReply: () => {} });
				emulator.write(Buffer.from(Array.from({ length: rows }, (_, row) => `line ${row}`).join("\r\n")));
				const first = emulator.snapshot();
				const client = new StockEmulator(40, rows);
				client.write(verifiedDiff(blankScreen(40, rows), first, "clear"));
				const display = new StockDisplay(rows);
				display.draw(client);
				const held = [{ screen: first, client }];
				for (const { text, back } of frames) {
					emulator.write(Buffer.from(text));
					const screen = emulator.snapshot();
					const base = held[Math.max(0, held.length - 1 - back)] ?? assert.fail();
					const next = base.client.clone();
					next.write(verifiedDiff(base.screen, screen, 0));
					assert.equal(compareScreens(pictureOfScreen(screen), next.screen(), ["bellCount"]), undefined);
					display.draw(next);
					assert.deepEqual([display.scrollback, display.regionScrolls], [[], 0], "nothing has scrolled");
					held.push({ screen, client: next });
				}
				// Lines that scroll off after that are found one by one.
				const { screen, client: last } = held.at(-1) ?? assert.fail();
				const up = rows - 1;
				emulator.write(Buffer.from("\x1b[99H"));
				const settled = emulator.snapshot();
				last.write(verifiedDiff(screen, settled, 0));
				display.draw(last);
				emulator.write(Buffer.from(Array.from({ length: up }, (_, row) => `\r\nmore ${row}`).join("")));
				last.write(verifiedDiff(settled, emulator.snapshot(), up));
				display.draw(last);
				assert.deepEqual(display.scrollback, settled.lines.slice(0, up).map(textOf));
				emulator.dispose();
			},
		),
		{ numRuns: 300, includeErrorInReport: true },
	);
});

const [ESC, BEL] = ["\x1b", "\x07"];
/** A sequence, string, control or character. */
const PIECES = new RegExp(`${ESC}\\[[^@-~]*[@-~]|${ESC}\\].*?${BEL}|.`, "gsu");

test("a diff that is broken on purpose is found out whenever the client shows it", () => {
	let found = 0;
	fc.assert(
		fc.property(size, output, output, fc.nat(), fc.boolean(), (at, first, second, place, twice) => {
			const emulator = new Emulator({ ...at, onReply: () => {} });
			emulator.write(Buffer.from(first));
			const base = emulator.snapshot();
			const stock = clientHolding(base);
			emulator.write(Buffer.from(second));
			const target = emulator.snapshot();
			emulator.dispose();
			const pieces = Buffer.from(screenDiff(base, target)).toString().match(PIECES) ?? [];
			const piece = place % Math.max(1, pieces.length);
			const broken = Buffer.from(
				pieces.toSpliced(piece, 1, ...(twice ? Array(2).fill(pieces[piece]) : [])).join(""),
			);
			const client = new ClientScreen(base);
			client.write(broken);
			stock.write(broken);
			const picture = stock.screen();
			const shown =
				compareScreens(pictureOfScreen(target), picture, ["bellCount"]) ?? latentDifference(picture);
			if (shown !== undefined) {
				found++;
				assert.notEqual(
					client.differenceFrom(target),
					undefined,
					`${shown} after ${JSON.stringify(broken.toString())}`,
				);
			}
		}),
		{ numRuns: 100, includeErrorInReport: true },
	);
	assert.ok(found > 50, `only ${found} of the broken diffs show`);
});
