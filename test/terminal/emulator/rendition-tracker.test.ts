/** The rendition as tracked from sequences, compared with that of the next character that xterm.js prints. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { modesOf } from "../../../src/terminal/emulator/private-modes.js";
import { RenditionTracker } from "../../../src/terminal/emulator/rendition-tracker.js";
import { RowReader } from "../../../src/terminal/emulator/row-reader.js";
import {
	BLINK,
	BOLD,
	INDEXED,
	INVERSE,
	INVISIBLE,
	ITALIC,
	RGB,
	UNDERLINE,
} from "../../../src/terminal/screen/rendition.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

function tracked(output: string): { tracker: RenditionTracker; printed: readonly number[] } {
	const { terminal } = bareTerminal();
	const tracker = new RenditionTracker(terminal, modesOf(terminal, undefined));
	writeNow(terminal, output);
	const { foreground, background } = tracker.current;
	writeNow(terminal, "\x1b[HX");
	const { active } = terminal.buffer;
	const [row] = new RowReader(active, terminal.cols).read(active, 1, []);
	assert.deepEqual(
		[row?.cells[1], row?.cells[2]],
		[foreground, background],
		"as the next character is printed",
	);
	return { tracker, printed: [foreground, background] };
}

describe("the rendition", () => {
	const cases: readonly (readonly [output: string, foreground: number, background: number])[] = [
		["", 0, 0],
		["\x1b[1;3;4;5;7;8m", BOLD | ITALIC | UNDERLINE | BLINK | INVERSE | INVISIBLE, 0],
		["\x1b[1;3;4m\x1b[22;23;24m", 0, 0],
		["\x1b[21m", UNDERLINE, 0],
		["\x1b[4:3m", UNDERLINE, 0],
		["\x1b[4m\x1b[4:0m", 0, 0],
		["\x1b[31;42m", INDEXED | 1, INDEXED | 2],
		["\x1b[91;102m", INDEXED | 9, INDEXED | 10],
		["\x1b[31;42;39m", 0, INDEXED | 2],
		["\x1b[31;42;49m", INDEXED | 1, 0],
		["\x1b[38;5;200;48;2;1;2;3m", INDEXED | 200, RGB | 0x010203],
		["\x1b[38:2::1:2:3m", RGB | 0x010203, 0],
		["\x1b[58;5;1;31m", INDEXED | 1, 0],
		["\x1b[31m\x1b[m", 0, 0],
		["\x1b[31m\x1b7\x1b[32m\x1b8", INDEXED | 1, 0],
		["\x1b[31m\x1b[s\x1b[32m\x1b[u", INDEXED | 1, 0],
		["\x1b[31m\x1b[?1049h\x1b[32m\x1b[?1049l", INDEXED | 1, 0],
		["\x1b[31m\x1b[?1048h\x1b[32m\x1b[?1048l", INDEXED | 1, 0],
		["\x1b[31m\x1b[!p", 0, 0],
		["\x1b[31m\x1bc", 0, 0],
		["\x1b[31m".repeat(200), INDEXED | 1, 0],
	];
	for (const [output, foreground, background] of cases) {
		test(`after ${JSON.stringify(output).slice(0, 60)}`, () => {
			assert.deepEqual(tracked(output).printed, [foreground >>> 0, background]);
		});
	}

	test("is the same object until it changes", () => {
		const { terminal } = bareTerminal();
		const tracker = new RenditionTracker(terminal, modesOf(terminal, undefined));
		writeNow(terminal, "\x1b[31m");
		const { current } = tracker;
		assert.equal(tracker.current, current);
		writeNow(terminal, "\x1b[32m");
		assert.notEqual(tracker.current, current);
	});
});
