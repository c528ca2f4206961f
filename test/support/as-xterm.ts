/** Programs whose screens xterm.js gets wrong, with those of xterm 379, read back from it on a screen of 20 columns and 8 rows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emulator, type Screen } from "../../src/terminal/index.js";
import { pictureOfScreen } from "./screen-picture.js";

const [COLUMNS, ROWS] = [20, 8];

/** Rows from the top, less blanks at their ends; the cursor's row and column from 0. */
export type Program = readonly [output: string, rows: readonly string[], cursor: readonly number[]];

export function screenAfter(output: string, columns = COLUMNS, rows = ROWS): Screen {
	const emulator = new Emulator({ columns, rows, onReply: () => {} });
	emulator.write(Buffer.from(output));
	return emulator.snapshot();
}

/** Of each row of a screen, less blanks at its end. */
export function textsOf(screen: Screen): string[] {
	return pictureOfScreen(screen).lines.map(({ cells }) =>
		cells
			.map(({ text }) => text)
			.join("")
			.trimEnd(),
	);
}

/** A test for each. */
export function showAsXterm(programs: readonly Program[]): void {
	for (const [output, rows, cursor] of programs) {
		test(`as xterm after ${JSON.stringify(output)}`, () => {
			const screen = screenAfter(output);
			assert.deepEqual(textsOf(screen), [...rows, ...Array(ROWS - rows.length).fill("")]);
			assert.deepEqual([screen.cursorRow, screen.cursorColumn], cursor);
		});
	}
}

/** A cell has the default background and no attributes. */
export function assertPlain(output: string, row: number, column: number): void {
	const { rendition } = pictureOfScreen(screenAfter(output)).lines[row]?.cells[column] ?? {};
	assert.deepEqual([rendition?.background, rendition?.bold], ["default", false], JSON.stringify(output));
}
