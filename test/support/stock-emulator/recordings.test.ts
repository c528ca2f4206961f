/** The model of the stock client's emulator against everything recorded from the real program. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { compareScreens, initialLatent, renderScreen, type ScreenAspect, StockEmulator } from "./index.js";

const wire = new URL("../../fixtures/wire/", import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, wire), "utf8"));
const fromHex = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const RIS = Buffer.from("\x1bc");

interface Vector {
	readonly name: string;
	readonly base_hex?: string;
	readonly input_hex: string;
	readonly hoststring_hex: string;
	readonly cursor: { readonly row: number; readonly col: number };
	readonly note?: string;
}

/** What the stock server's hoststring gets wrong, so that the receiver cannot end up as the sender. */
const upstreamFlaws: Readonly<
	Record<string, { readonly ignore: readonly ScreenAspect[]; readonly why: string }>
> = {
	"bell x3": { ignore: ["bellCount"], why: "one BEL stands for any number of bells" },
	"osc 1": { ignore: ["iconName"], why: "a change of the icon name alone is not sent" },
	"CUP clamp": { ignore: ["cursor"], why: "BS after the bottom-right cell moves one column too far" },
	"bottom right cell": { ignore: ["cursor"], why: "BS after the bottom-right cell moves one column too far" },
	"wide at last col no autowrap": {
		ignore: ["lines"],
		why: "the receiver has autowrap on, so the wide character wraps",
	},
};

describe("the stock emulator model on the emulation vectors", () => {
	const { width, height, cases } = read("emulation-vectors.json") as {
		width: number;
		height: number;
		cases: readonly Vector[];
	};
	// One emulator for all, as when they were recorded: the icon name survives RIS.
	const sender = new StockEmulator(width, height);
	for (const vector of cases) {
		test(vector.name, () => {
			sender.write(RIS);
			sender.write(fromHex(vector.base_hex ?? ""));
			const receiver = sender.clone();
			sender.write(fromHex(vector.input_hex));
			receiver.write(fromHex(vector.hoststring_hex));

			const { row, column } = sender.screen().cursor;
			assert.deepEqual({ row: row + 1, col: column + 1 }, vector.cursor);
			const flaw = upstreamFlaws[vector.name];
			assert.equal(vector.note === undefined || flaw !== undefined, true, "a flaw noted but not listed");
			const difference = compareScreens(sender.screen(), receiver.screen());
			assert.equal(
				difference === undefined,
				flaw === undefined,
				difference ?? `no longer a flaw: ${flaw?.why}`,
			);
			const rest = compareScreens(sender.screen(), receiver.screen(), flaw?.ignore);
			assert.equal(rest, undefined, `${rest}\n${renderScreen(receiver.screen())}`);
			assert.deepEqual(receiver.replies, []);
			assert.equal(receiver.parserInGround, true);
		});
	}
});

interface DisplayChange {
	readonly hostbytes?: { readonly hoststring_hex: string };
	readonly resize?: { readonly width: number; readonly height: number };
}

interface RecordedSession {
	readonly client_size: readonly [number, number];
	readonly packets: readonly {
		readonly direction: "to-server" | "to-client";
		readonly instruction?: {
			readonly old_num: string;
			readonly new_num: string;
			readonly diff: readonly DisplayChange[];
		};
	}[];
}

/** Every state of a recorded session as its client held it, by state number; one sent twice must come out the same. */
function replay(session: RecordedSession): Map<string, StockEmulator> {
	const states = new Map([["0", new StockEmulator(...session.client_size)]]);
	for (const { direction, instruction } of session.packets) {
		if (direction !== "to-client" || instruction === undefined) {
			continue;
		}
		const state = states.get(instruction.old_num)?.clone();
		if (state === undefined) {
			continue;
		}
		for (const { resize, hostbytes } of instruction.diff) {
			if (resize !== undefined) {
				state.resize(resize.width, resize.height);
			}
			if (hostbytes !== undefined) {
				state.write(fromHex(hostbytes.hoststring_hex));
			}
		}
		const earlier = states.get(instruction.new_num);
		const difference = earlier && compareScreens(earlier.screen(), state.screen());
		assert.equal(difference, undefined, `state ${instruction.new_num} from ${instruction.old_num}`);
		states.set(instruction.new_num, state);
	}
	return states;
}

describe("the stock emulator model on recorded sessions", () => {
	const names = readdirSync(wire).filter((name) => /^session-.*\.json$/u.test(name));
	assert.ok(names.length > 0);
	for (const name of names) {
		test(name, () => {
			const states = replay(read(name) as RecordedSession);
			assert.ok(states.size > 1);
			for (const [number, state] of states) {
				assert.deepEqual(state.replies, [], `state ${number} answered`);
				assert.equal(state.parserInGround, true, `state ${number} ends inside a sequence`);
				const { pendingWrap: _, ...latent } = state.screen().latent;
				const { pendingWrap: __, ...initial } = initialLatent(state.screen().columns, state.screen().rows);
				assert.deepEqual(latent, initial, `state ${number}`);
			}
		});
	}
});
