/** How many marks a cell takes. */
import assert from "node:assert/strict";
import { test } from "node:test";
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

test("the limit is that of each cell: others still take marks", () => {
	const emulator = new Emulator({ columns: 10, rows: 2, onReply: () => {} });
	emulator.write(Buffer.from(`a${"\u0301".repeat(40)}b\u0301`));
	const [line] = emulator.snapshot().lines;
	assert.equal(line?.textAt(1), "b\u0301");
	emulator.dispose();
});
