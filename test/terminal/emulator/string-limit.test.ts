/** What xterm.js gets to see of long control strings: enough, and no more, wherever chunks are cut. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import headless from "@xterm/headless";
import fc from "fast-check";
import { MAX_STRING_BYTES, StringLimit } from "../../../src/terminal/emulator/string-limit.js";
import { Emulator } from "../../../src/terminal/index.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function filter(text: string, chunkSize = Number.POSITIVE_INFINITY): string {
	const limit = new StringLimit();
	const bytes = Buffer.from(text);
	const out: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; at += chunkSize) {
		out.push(limit.filter(bytes.subarray(at, at + chunkSize)));
	}
	return Buffer.concat(out).toString();
}

const LONG = "s".repeat(MAX_STRING_BYTES + 1_000);
const KEPT = "s".repeat(MAX_STRING_BYTES);

/** Without printing them when they differ. */
function same(actual: string, expected: string): void {
	let at = 0;
	while (at < actual.length && actual[at] === expected[at]) at++;
	assert.ok(actual === expected, `${actual.length} characters, not ${expected.length}; differ at ${at}`);
}

describe("a control string", () => {
	const kinds = [
		["OSC ended by BEL", "\x1b]", "\x07"],
		["OSC ended by ST", "\x1b]", "\x1b\\"],
		["DCS", "\x1bPq", "\x1b\\"],
		["SOS", "\x1bX", "\x1b\\"],
		["PM", "\x1b^", "\x1b\\"],
		["APC", "\x1b_", "\x1b\\"],
		["OSC with a control in its opening", "\x1b\r]", "\x07"],
		["OSC ended by CAN", "\x1b]", "\x18"],
		["OSC ended by SUB", "\x1b]", "\x1a"],
		["OSC that a CSI ends", "\x1b]", "\x1b[m"],
		["OSC that another begins after", "\x1b]", "\x1b]0;t\x07"],
	] as const;
	for (const [name, start, end] of kinds) {
		test(`is cut, and what follows is not: ${name}`, () => {
			for (const size of [1, 3, 4096, Number.POSITIVE_INFINITY]) {
				same(filter(`a${start}${LONG}${end}${LONG}`, size), `a${start}${KEPT}${end}${LONG}`);
			}
		});
		test(`passes untouched when it is short: ${name}`, () => {
			same(filter(`a${start}${KEPT.slice(1)}${end}b`, 7), `a${start}${KEPT.slice(1)}${end}b`);
		});
	}

	test("is never cut within a character", () => {
		const text = "漢".repeat(MAX_STRING_BYTES);
		const kept = filter(`\x1b]0;${text}\x07`);
		assert.ok(!kept.includes("\ufffd"));
		const bytes = Buffer.byteLength(kept);
		assert.ok(bytes >= MAX_STRING_BYTES && bytes < MAX_STRING_BYTES + 8, `${bytes} bytes`);
	});

	test("of the kinds that characters beyond ASCII end for xterm.js ends there", () => {
		for (const start of ["\x1b_", "\x1b^", "\x1bX", "\x1bP"]) {
			const text = `${start}1é${LONG}`;
			same(filter(text), text);
		}
		same(filter(`\x1bPqé${LONG}`), `\x1bPqé${"s".repeat(MAX_STRING_BYTES - 2)}`);
	});

	test("that never ends passes nothing more, however much comes", () => {
		const limit = new StringLimit();
		const chunk = Buffer.alloc(16_384, "t");
		let passed = limit.filter(Buffer.from("\x1b]0;")).length;
		for (let round = 0; round < 1_000; round++) passed += limit.filter(chunk).length;
		assert.ok(passed <= MAX_STRING_BYTES + 4);
	});
});

describe("everything else", () => {
	const noOpener = fc
		.array(
			fc.constantFrom("a", "é", "漢", "\x1b[", "1;2", "m", "\x1b(", "]", "P", "_", "\x07", "\x18", "\x1b\\"),
		)
		.map((pieces) => pieces.join(""));
	test("passes as the very same bytes", () => {
		fc.assert(
			fc.property(noOpener, (text) => {
				const bytes = Buffer.from(text + LONG);
				assert.equal(new StringLimit().filter(bytes), bytes);
			}),
		);
	});

	test("is cut the same way in whatever chunks it comes", () => {
		const pieces = ["x", "é", "\x1b", "]", "P", "_", "[", "\x07", "\x18", "\\", "q", LONG, "(", "\x9b"];
		const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));
		fc.assert(
			fc.property(text, fc.integer({ min: 1, max: 9_000 }), (output, size) => {
				// Chunks of whole characters, as they come from the UTF-8 filter.
				const limit = new StringLimit();
				const characters = [...output];
				let whole = "";
				for (let at = 0; at < characters.length; at += size) {
					const chunk = Buffer.from(characters.slice(at, at + size).join(""));
					whole += Buffer.from(limit.filter(chunk)).toString();
				}
				assert.equal(whole, filter(output));
			}),
			{ numRuns: 200 },
		);
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

	/** Bytes held of a title of 2 MB that has begun. */
	function heldBy(write: (bytes: Buffer) => void): number {
		const chunk = Buffer.alloc(16_384, "t");
		const before = held();
		write(Buffer.from("\x1b]0;"));
		for (let round = 0; round < 128; round++) write(chunk);
		return held() - before;
	}
	function held(): number {
		collectGarbage();
		return process.memoryUsage().heapUsed;
	}

	test("holds no more of an endless title, of which xterm.js holds everything", () => {
		const bare = new headless.Terminal({ allowProposedApi: true });
		const without = heldBy((bytes) => {
			bare.input("", true);
			bare.write(bytes);
		});
		assert.ok(without > 2_000_000, `${without} bytes: xterm.js has a limit of its own`);
		const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
		const kept = heldBy((bytes) => emulator.write(bytes));
		assert.ok(kept < 1_000_000, `${kept} bytes`);
		assert.equal(bare.cols, emulator.columns);
	});
});
