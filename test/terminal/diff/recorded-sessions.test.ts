/**
 * Every frame of the recorded sessions, told again by us: the screens the stock server's hoststrings lead to, from the
 * same base states, in no more bytes over a session. And recorded programs, shown by us to the model of the stock client, beside
 * what tmux showed of them.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Emulator, type Screen } from "../../../src/terminal/index.js";
import { comparableRow, styledRowsOf } from "../../support/client-screen.js";
import { pictureOfScreen } from "../../support/screen-picture.js";
import { compareScreens, StockEmulator } from "../../support/stock-emulator/index.js";
import { verifiedDiff } from "../../support/verified-diff.js";

interface Step {
	readonly hostbytes?: { readonly hoststring_hex: string };
	readonly resize?: { readonly width: number; readonly height: number };
}

interface Session {
	readonly packets: readonly {
		readonly direction: string;
		readonly instruction?: {
			readonly old_num: string;
			readonly new_num: string;
			readonly diff?: readonly Step[];
		};
	}[];
}

const wire = new URL("../../fixtures/wire/", import.meta.url);
const columns = 80;
const rows = 24;

/** The screen and the stock client's state after `steps` from the start. */
function replay(steps: readonly Step[]): { screen: Screen; client: StockEmulator } {
	const emulator = new Emulator({ columns, rows, onReply: () => {} });
	const client = new StockEmulator(columns, rows);
	for (const { resize, hostbytes } of steps) {
		if (resize !== undefined) {
			emulator.resize(resize.width, resize.height);
			client.resize(resize.width, resize.height);
		}
		if (hostbytes === undefined) {
			continue;
		}
		emulator.write(Buffer.from(hostbytes.hoststring_hex, "hex"));
		client.write(Buffer.from(hostbytes.hoststring_hex, "hex"));
	}
	return { screen: emulator.snapshot(), client };
}

describe("recorded sessions", () => {
	for (const name of readdirSync(wire).filter((file) => file.startsWith("session-"))) {
		test(name, (context) => {
			const session = JSON.parse(readFileSync(new URL(name, wire), "utf8")) as Session;
			const states = new Map<string, readonly Step[]>([["0", []]]);
			let ours = 0;
			let stock = 0;
			for (const { direction, instruction } of session.packets) {
				if (direction !== "to-client" || instruction === undefined) {
					continue;
				}
				const before = states.get(instruction.old_num);
				if (before === undefined) {
					continue;
				}
				const steps = instruction.diff ?? [];
				const after = [...before, ...steps];
				states.set(instruction.new_num, after);

				const base = replay(before);
				const target = replay(after);
				for (const { resize } of steps) {
					if (resize) {
						base.client.resize(resize.width, resize.height);
					}
				}
				const diff = verifiedDiff(base.screen, target.screen);
				base.client.write(diff);
				ours += diff.length;
				for (const { hostbytes } of steps) {
					stock += (hostbytes?.hoststring_hex.length ?? 0) / 2;
				}
				// Wrap flags: xterm.js forgets them where the client's emulator keeps them through a hoststring's moves.
				const difference = compareScreens(target.client.screen(), base.client.screen(), ["wrapped"]);
				assert.equal(difference, undefined);
				assert.equal(
					compareScreens(pictureOfScreen(target.screen), base.client.screen(), ["bellCount", "wrapped"]),
					undefined,
				);
			}
			context.diagnostic(`${ours} bytes to stock's ${stock}`);
			assert.ok(ours <= stock, `${ours} bytes to stock's ${stock}`);
		});
	}
});

interface Shown {
	/** How much the program had written. */
	readonly bytes: number;
	readonly cursor: { readonly row: number; readonly column: number; readonly visible: boolean };
	readonly title: string;
	readonly styledRows: readonly string[];
}

const programs = new URL("../../fixtures/programs/", import.meta.url);
/** Frames fall anywhere in the output; a prime, so that they fall elsewhere in each sequence. */
const FRAME_BYTES = 1999;

describe("programs as tmux shows them", () => {
	for (const name of readdirSync(programs).filter((file) => file.endsWith(".json"))) {
		test(name.replace(".json", ""), () => {
			const shown = JSON.parse(readFileSync(new URL(name, programs), "utf8")) as Shown[];
			const output = readFileSync(new URL(name.replace("json", "bin"), programs));
			const emulator = new Emulator({ columns, rows, onReply: () => {} });
			const client = new StockEmulator(columns, rows);
			let before = emulator.snapshot();
			let at = 0;
			for (const { bytes, cursor, title, styledRows } of shown) {
				while (at < bytes) {
					const to = Math.min(bytes, at + FRAME_BYTES);
					emulator.write(output.subarray(at, to));
					at = to;
					const after = emulator.snapshot();
					client.write(verifiedDiff(before, after));
					before = after;
				}
				const screen = client.screen();
				assert.equal(compareScreens(pictureOfScreen(before), screen, ["bellCount", "wrapped"]), undefined);
				assert.deepEqual(styledRowsOf(screen).map(comparableRow), styledRows.map(comparableRow));
				assert.deepEqual({ ...screen.cursor, visible: screen.cursorVisible }, cursor);
				assert.equal(screen.title, title);
			}
			// tmux names no selection.
			const [, copied = ""] = /\]52;;([\w+/=]*)/.exec(output.toString("latin1")) ?? [];
			assert.equal(client.screen().clipboard, copied);
		});
	}
});
