/** Which modes clear the alternate screen. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emulator } from "../../../src/terminal/index.js";
import { assertPlain, showAsXterm, textsOf } from "../../support/as-xterm.js";

describe("the alternate screen shows", () => {
	showAsXterm([
		["abc\x1b[?47h\x1b[2J\x1b[Hdef\x1b[?47l\x1b[?47h", ["def"], [0, 3]],
		["abc\x1b[?1047h\x1b[Hdef\x1b[?1047l\x1b[?1047h", [], [0, 3]],
		["\x1b[?47habc\x1b[?1049hX", ["   X"], [0, 4]],
		["\x1b[?47habc\x1b[?47l\x1b[?1049hX", ["   X"], [0, 4]],
		["\x1b[?47habc\x1b[?47;1047l\x1b[?47h", [], [0, 3]],
	]);
});

test("entering it leaves it in the default background", () => {
	assertPlain("\x1b[44m\x1b[?1049h", 0, 4);
});

test("made lower while hidden it scrolls as any other", () => {
	for (const leave of ["47", "1049"]) {
		const emulator = new Emulator({ columns: 20, rows: 8, onReply: () => {} });
		emulator.write(Buffer.from(`\x1b[?${leave}h\x1b[Ha\r\nb\x1b[M\x1b[?${leave}l`));
		emulator.resize(20, 3);
		emulator.write(Buffer.from("\x1b[?1049h\x1b[H1\r\n2\r\n3\r\n4\x1b[1;1H\x1b[M\x1b[3;1Hx"));
		const screen = emulator.snapshot();
		assert.deepEqual(textsOf(screen), ["3", "4", "x"]);
		assert.deepEqual([screen.cursorRow, screen.cursorColumn], [2, 1]);
	}
});
