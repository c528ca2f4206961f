/** Programs whose screens xterm.js gets wrong, with those of xterm 379, read back from it on a screen of 20 columns and 8 rows. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emulator } from "../../../src/terminal/index.js";
import { pictureOfScreen } from "../../support/screen-picture.js";

const full = "x".repeat(20);

/** Rows from the top, less blanks at their ends; the cursor's row and column from 0. */
const programs: readonly (readonly [output: string, rows: readonly string[], cursor: readonly number[]])[] = [
	// Origin mode.
	["\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[CX", ["", "", "", "  X"], [3, 3]],
	["\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[4GX\x1b[2`Y", ["", "", "", " Y X"], [3, 2]],
	["\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[BX\x1b[AY", ["", "", "", "  Y", " X"], [3, 3]],
	["\x1b[6;5H\x1b7\x1b[3;6r\x1b[?6h\x1b8\x1b[1;1HX", ["X"], [0, 1]],
	// A pending wrap.
	[`${full}\x1b[KY`, ["x".repeat(19).concat("Y")], [0, 19]],
	[`${full}\x1b[1KY`, [`${" ".repeat(19)}Y`], [0, 19]],
	[`${full}\x1b[JY`, ["x".repeat(19).concat("Y")], [0, 19]],
	[`${full}\x1b7\x1b[H\x1b8Y`, [full, "Y"], [1, 1]],
	[`${full}\x1b[Z`, [full], [0, 16]],
	[`${full}\x1b[2Z`, [full], [0, 8]],
	[`${full}\x1b[ZY`, [full, "Y"], [1, 1]],
	// Alternate screens.
	["abc\x1b[?47h\x1b[2J\x1b[Hdef\x1b[?47l\x1b[?47h", ["def"], [0, 3]],
	["abc\x1b[?1047h\x1b[Hdef\x1b[?1047l\x1b[?1047h", [], [0, 3]],
	["\x1b[?47habc\x1b[?1049hX", ["   X"], [0, 4]],
	["\x1b[?47habc\x1b[?47l\x1b[?1049hX", ["   X"], [0, 4]],
	// Margins.
	[
		"\x1b[4;5r\x1b[2;2H\x1b#8\n\n\n\n\n\n\nX",
		Array(7)
			.fill("E".repeat(20))
			.concat(`X${"E".repeat(19)}`),
		[7, 1],
	],
	["\x1b[?40h\x1b[5;5Hxyz\x1b[3;4r\x1b[?3hA", ["A"], [0, 1]],
	["\x1b[5;5Hxyz\x1b[?3hA", ["", "", "", "", "    xyzA"], [4, 8]],
	// Marks.
	["abc\x1b[1;2H\u0301X", ["aXc"], [0, 2]],
	["abc\x1b[1;2H\u0301", ["ab\u0301c"], [0, 1]],
	["abc\x1b[1m\u0301X", ["abc\u0301X"], [0, 4]],
	// Strings.
	["\x1b_aébéc\x1b\\X", ["X"], [0, 1]],
	["\x1bXé\ufffdb\x1b\\X", ["X"], [0, 1]],
	["\x1bPéabc\x1b\\X", ["X"], [0, 1]],
	// Colons.
	["a\x1b[3:2CX", ["aX"], [0, 2]],
];

describe("the screen is xterm's", () => {
	for (const [output, rows, cursor] of programs) {
		test(`after ${JSON.stringify(output)}`, () => {
			const emulator = new Emulator({ columns: 20, rows: 8, onReply: () => {} });
			emulator.write(Buffer.from(output));
			const screen = pictureOfScreen(emulator.snapshot());
			const shown = screen.lines.map(({ cells }) =>
				cells
					.map(({ text }) => text)
					.join("")
					.trimEnd(),
			);
			assert.deepEqual(shown, [...rows, ...Array(8 - rows.length).fill("")]);
			assert.deepEqual([screen.cursor.row, screen.cursor.column], cursor);
		});
	}

	test("in the background of what is erased, aligned or entered", () => {
		for (const output of ["\x1b[44mabc\x1b[41m\r\x1b[?K", "\x1b[44m\x1b[?1049h", "\x1b[44;1m\x1b#8"]) {
			const emulator = new Emulator({ columns: 20, rows: 8, onReply: () => {} });
			emulator.write(Buffer.from(output));
			const { rendition } = pictureOfScreen(emulator.snapshot()).lines[0]?.cells[4] ?? {};
			assert.deepEqual([rendition?.background, rendition?.bold], ["default", false], JSON.stringify(output));
		}
	});
});

test("an alternate screen made lower while hidden scrolls as any other", () => {
	for (const leave of ["47", "1049"]) {
		const emulator = new Emulator({ columns: 20, rows: 8, onReply: () => {} });
		emulator.write(Buffer.from(`\x1b[?${leave}h\x1b[Ha\r\nb\x1b[M\x1b[?${leave}l`));
		emulator.resize(20, 3);
		emulator.write(Buffer.from("\x1b[?1049h\x1b[H1\r\n2\r\n3\r\n4\x1b[1;1H\x1b[M\x1b[3;1Hx"));
		const { lines, cursor } = pictureOfScreen(emulator.snapshot());
		const shown = lines.map(({ cells }) =>
			cells
				.map(({ text }) => text)
				.join("")
				.trimEnd(),
		);
		assert.deepEqual(shown, ["3", "4", "x"]);
		assert.deepEqual([cursor.row, cursor.column], [2, 1]);
	}
});
