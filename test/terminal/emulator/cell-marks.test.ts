/** How many marks a cell takes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limitMarks } from "../../../src/terminal/emulator/cell-marks.js";
import { COMBINED_BIT, type Line } from "../../../src/terminal/emulator/internals.js";
import { Emulator } from "../../../src/terminal/index.js";

for (const [name, mark, kept] of [
	["of two bytes", "\u0301", 16],
	["of three bytes", "\u20d0", 11],
	["of four bytes", "\u{e0100}", 8],
] as const) {
	test(`a cell takes as many marks as the client's, and no other cell the rest: ${name}`, () => {
		for (const between of ["", "\x1b[m"]) {
			const emulator = new Emulator({ columns: 10, rows: 2, onReply: () => {} });
			emulator.write(Buffer.from(`e${(mark + between).repeat(100)}x`));
			const [line] = emulator.snapshot().lines;
			assert.equal(line?.textAt(0), `e${mark.repeat(kept)}`);
			assert.equal(line?.textAt(1), "x");
			emulator.dispose();
		}
	});
}

describe("the class of a line", () => {
	/** As xterm.js has it: any number of marks. */
	class AnyLine {
		readonly _data = Uint32Array.of(COMBINED_BIT, 0, 0, 0, 0, 0);
		readonly _combined: Record<number, string> = { 0: "e" };
		added = 0;

		addCodepointToCell(column: number, codePoint: number): void {
			this.added++;
			this._combined[column] += String.fromCodePoint(codePoint);
		}
	}

	test("is made to ignore marks of a cell that holds 32 bytes, once", () => {
		const line = new AnyLine();
		const limited = line as unknown as Line;
		limitMarks(limited);
		const patched = line.addCodepointToCell;
		limitMarks(limited);
		assert.equal(line.addCodepointToCell, patched);
		for (let i = 0; i < 100; i++) {
			limited.addCodepointToCell(0, 0x301, 0);
		}
		assert.equal(line.added, 16);
		assert.equal(Buffer.byteLength(line._combined[0] ?? ""), 33);
		limited.addCodepointToCell(1, 0x301, 0);
		assert.equal(line.added, 17, "another cell takes its own");
	});
});
