/** Shared lines: rows that look alike are one line until one of them is written to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lineOfRow } from "../../../src/terminal/emulator/internals.js";
import { limitWork } from "../../../src/terminal/emulator/limits.js";
import { isShared, shareBlankRows } from "../../../src/terminal/emulator/shared-lines.js";
import { bareTerminal, copiesMade, writeNow } from "../../support/counted-work.js";

function limited(rows = 4): ReturnType<typeof bareTerminal> {
	const made = bareTerminal(10, rows);
	limitWork(made.terminal, made.core);
	return made;
}

const texts = ({ terminal }: ReturnType<typeof bareTerminal>): string[] =>
	Array.from(
		{ length: terminal.rows },
		(_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? "",
	);

describe("shared lines", () => {
	test("blank rows are one line after the screen has been cleared", () => {
		const { terminal, core } = limited();
		writeNow(terminal, "a\r\nb\x1b[2J");
		const lines = [0, 1, 2, 3].map((row) => lineOfRow(core._inputHandler._activeBuffer, row));
		assert.equal(new Set(lines).size, 1);
		assert.ok(lines[0] !== undefined && isShared(lines[0]));
	});

	test("writing to one row leaves the others as they are", () => {
		const made = limited();
		writeNow(made.terminal, "\x1b[2J\x1b[2;3Hx");
		assert.deepEqual(texts(made), ["", "  x", "", ""]);
	});

	test("nor does writing in one terminal show in another", () => {
		const [one, other] = [limited(), limited()];
		for (const { terminal } of [one, other]) {
			writeNow(terminal, "\x1b[2J");
		}
		writeNow(one.terminal, "\x1b[Hx");
		assert.deepEqual(texts(other), ["", "", "", ""]);
	});

	test("a background is shared by rows of that background only", () => {
		const { terminal, core } = limited();
		writeNow(terminal, "\x1b[41m\x1b[2J\x1b[42m\x1b[3;1H\x1b[J");
		const [first, second, third, last] = [0, 1, 2, 3].map((row) =>
			lineOfRow(core._inputHandler._activeBuffer, row),
		);
		assert.equal(first, second);
		assert.notEqual(first, last);
		assert.notEqual(first?._data[2], third?._data[2]);
	});

	const scrolls: readonly (readonly [name: string, output: string, rows: readonly string[]])[] = [
		["line feeds at the bottom", "\x1b[4H\n", ["b", "c", "d", ""]],
		["up by two", "\x1b[2S", ["c", "d", "", ""]],
		["down by two", "\x1b[2T", ["", "", "a", "b"]],
		["by more than there is", "\x1b[99S", ["", "", "", ""]],
		["a region up", "\x1b[2;3r\x1b[3H\n", ["a", "c", "", "d"]],
		["a region down", "\x1b[2;3r\x1b[2H\x1bM", ["a", "", "b", "d"]],
		["lines inserted", "\x1b[2H\x1b[L", ["a", "", "b", "c"]],
		["lines deleted", "\x1b[2H\x1b[2M", ["a", "d", "", ""]],
	];
	for (const [name, output, rows] of scrolls) {
		test(`scrolling, wherever the ring of lines begins: ${name}`, () => {
			for (let before = 0; before < 6; before++) {
				const made = limited();
				writeNow(made.terminal, `\x1b[4H${"\n".repeat(before)}\x1b[Ha\r\nb\r\nc\r\nd${output}`);
				assert.deepEqual(texts(made), rows, `after ${before} line feeds`);
			}
		});
	}

	test("lines that scroll off are used again instead of new ones", () => {
		const { terminal } = limited();
		writeNow(terminal, "x\r\n".repeat(20));
		const made = copiesMade(() => writeNow(terminal, "x\r\n".repeat(100)));
		assert.ok(made <= 1, `${made} copies`);
	});

	test("blank rows share a line again when told so", () => {
		const { terminal, core } = limited();
		const buffer = core._inputHandler._activeBuffer;
		terminal.resize(12, 4);
		assert.notEqual(lineOfRow(buffer, 2), lineOfRow(buffer, 3));
		shareBlankRows(buffer);
		assert.equal(lineOfRow(buffer, 2), lineOfRow(buffer, 3));
	});
});
