/** What is kept of long control strings: enough, and no more, wherever chunks are cut. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import headless, { type Terminal } from "@xterm/headless";
import { internalsOf } from "../../../src/terminal/emulator/internals.js";
import { limitStrings, MAX_STRING_LENGTH } from "../../../src/terminal/emulator/string-limit.js";
import { Emulator } from "../../../src/terminal/index.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function write(terminal: Terminal, bytes: string | Uint8Array): void {
	terminal.input("", true);
	terminal.write(bytes);
}

/** A terminal with the limit, and the lengths of what its handlers for OSC 99 and DCS q are given. */
function listening(): { readonly terminal: Terminal; readonly lengths: number[] } {
	const terminal = new headless.Terminal({ allowProposedApi: true, logLevel: "off" });
	const core = internalsOf(terminal);
	assert.ok(core, "xterm.js is not made as it was: see internals.ts");
	limitStrings(core);
	const lengths: number[] = [];
	const note = (text: string): boolean => lengths.push(text.length) > 0;
	terminal.parser.registerOscHandler(99, note);
	terminal.parser.registerDcsHandler({ final: "q" }, note);
	return { terminal, lengths };
}

const LONG = "s".repeat(MAX_STRING_LENGTH + 1_000);
/** The number and the semicolon count as well. */
const OSC_ROOM = MAX_STRING_LENGTH - "99;".length;

describe("a control string", () => {
	const kinds = [
		["OSC ended by BEL", "\x1b]99;", "\x07", OSC_ROOM],
		["OSC ended by ST", "\x1b]99;", "\x1b\\", OSC_ROOM],
		["OSC ended by ST of one character", "\x9d99;", "\x9c", OSC_ROOM],
		["DCS", "\x1bPq", "\x1b\\", MAX_STRING_LENGTH],
		["OSC with a control in its opening", "\x1b\r]99;", "\x07", OSC_ROOM],
	] as const;
	for (const [name, start, end, room] of kinds) {
		test(`is cut, and what follows is not: ${name}`, () => {
			for (const size of [1, 7, 4_096, 1 << 20]) {
				const { terminal, lengths } = listening();
				const text = `${start}${LONG}${end}after${start}short${end}`;
				for (let at = 0; at < text.length; at += size) {
					write(terminal, text.slice(at, at + size));
				}
				assert.deepEqual(lengths, [room, "short".length], `in chunks of ${size}`);
				assert.equal(terminal.buffer.active.getLine(0)?.translateToString(true), "after");
			}
		});
	}

	test("of the length that is just kept is whole, characters beyond ASCII too", () => {
		const { terminal, lengths } = listening();
		write(terminal, Buffer.from(`\x1b]99;${"漢".repeat(OSC_ROOM)}\x07`));
		assert.deepEqual(lengths, [OSC_ROOM]);
	});

	test("that is given up is given up as before", () => {
		const { terminal, lengths } = listening();
		write(terminal, `\x1b]99;${LONG}\x18a\x1b]99;${LONG}\x1ab`);
		assert.deepEqual(lengths, []);
		assert.equal(terminal.buffer.active.getLine(0)?.translateToString(true), "ab");
	});
});

describe("an emulator", () => {
	test("keeps the start of a title, and all of the longest clipboard the client takes", () => {
		const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
		const clipboard = "QUJD".repeat(4_094);
		emulator.write(
			Buffer.from(`\x1b]2;${"t".repeat(1_000_000)}\x07\x1b]52;c;${clipboard}${clipboard}\x1b\\x`),
		);
		const screen = emulator.snapshot();
		assert.equal(screen.title, "t".repeat(254));
		assert.equal(screen.clipboard, clipboard);
		assert.equal(screen.lines[0]?.textAt(0), "x");
	});

	/** Bytes held of a string of 8 MB that has begun. */
	function heldBy(start: string, write: (bytes: Uint8Array) => void): number {
		const chunk = Buffer.alloc(16_384, "t");
		collectGarbage();
		const before = process.memoryUsage().heapUsed;
		write(Buffer.from(start));
		for (let round = 0; round < 512; round++) {
			write(chunk);
		}
		collectGarbage();
		return process.memoryUsage().heapUsed - before;
	}

	for (const start of ["\x1b]0;", "\x1b]52;c;", "\x1bP$q", "\x1bPq", "\x1b_", "\x1b^", "\x1bX"]) {
		test(`holds no more of an endless string: ${JSON.stringify(start)}`, () => {
			const bare = new headless.Terminal({ allowProposedApi: true, logLevel: "off" });
			const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
			// The one that xterm.js holds shows what would be held without the limit.
			const without = start === "\x1b]0;" ? heldBy(start, (bytes) => write(bare, bytes)) : undefined;
			assert.ok((without ?? 1e9) > 8_000_000, `${without} bytes: xterm.js has a limit of its own`);
			const kept = heldBy(start, (bytes) => emulator.write(bytes));
			assert.ok(kept < 3_000_000, `${kept} bytes`);
			assert.equal(bare.cols, emulator.columns);
		});
	}
});
