/** Shared lines: rows that look alike are one line until one of them is written to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CELL, CODE_POINT_BITS, lineOfRow } from "../../../src/terminal/emulator/internals.js";
import { limitWork } from "../../../src/terminal/emulator/limits.js";
import { isShared, readableLine, shareBlankRows } from "../../../src/terminal/emulator/shared-lines.js";
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
		["a region of most rows up, but the last", "\x1b[1;3r\x1b[3H\n", ["b", "c", "", "d"]],
		["but the first", "\x1b[2;4r\x1b[4H\n", ["a", "c", "d", ""]],
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

	test("a region of nearly all rows scrolls without moving them", () => {
		const { terminal, core } = limited();
		const { lines } = core._inputHandler._activeBuffer;
		let moved = 0;
		const counted = new Proxy(lines._array, {
			set(array, at, line) {
				moved++;
				return Reflect.set(array, at, line);
			},
		});
		Object.assign(lines, { _array: counted });
		writeNow(terminal, "\x1b[1;3r\x1b[3H");
		moved = 0;
		writeNow(terminal, "\n".repeat(100));
		assert.equal(moved, 200);
	});

	test("lines that scroll off are used again instead of new ones", () => {
		const { terminal } = limited();
		writeNow(terminal, "x\r\n".repeat(20));
		const made = copiesMade(() => writeNow(terminal, "x\r\n".repeat(100)));
		assert.ok(made <= 1, `${made} copies`);
	});

	test("lines of an alternate screen are used again by the next", () => {
		const made = limited();
		writeNow(made.terminal, "ab\x1b[?1047hx\x1b[?1047l");
		const copies = copiesMade(() => writeNow(made.terminal, "\x1b[?1047h\x1b[2Hyz\x1b[?1047l".repeat(100)));
		assert.ok(copies <= 1, `${copies} copies`);
		assert.deepEqual(texts(made), ["ab", "", "", ""]);
		writeNow(made.terminal, "\x1b[?1047h");
		assert.deepEqual(texts(made), ["", "", "", ""]);
		writeNow(made.terminal, "x\r\ny\x1b[?1047lz");
		assert.deepEqual(texts(made).slice(0, 1), ["ab"]);
	});

	test("an alternate screen is blank each time, whatever the last one showed", () => {
		const shown = [
			"x",
			"\x1b[2Hx",
			"a\r\nb\r\nc\r\nd\r\ne",
			"\x1b#8",
			"x\x1b[2L",
			"\x1b[2;3r\x1b[3Hx\n\n",
			'\x1b[1"qx\x1b[?2J',
		];
		const made = limited(24);
		for (const [index, text] of shown.entries()) {
			const colour = 41 + (index % 3);
			writeNow(made.terminal, `\x1b[${colour}m\x1b[?1049h\x1b[H${text}\x1b[?1049l\x1b[?1049h`);
			assert.deepEqual(new Set(texts(made)), new Set([""]), JSON.stringify(text));
			const backgrounds = new Set(
				texts(made).map((_, row) => lineOfRow(made.core._inputHandler._activeBuffer, row)?._data[2]),
			);
			assert.equal(backgrounds.size, 1, JSON.stringify(text));
			writeNow(made.terminal, "x\r\n".repeat(20));
			writeNow(made.terminal, "\x1b[?1049l");
		}
	});

	test("erasing all but protected cells marks rows, and they are erased when accessed", () => {
		const made = limited();
		const { terminal, core } = made;
		const buffer = core._inputHandler._activeBuffer;
		writeNow(terminal, 'a\x1b[1"qb\x1b[0"qc\r\nd\x1b[41m\x1b[?2J\x1b[42m\x1b[?2J');
		const line = lineOfRow(buffer, 0);
		assert.ok(line);
		assert.equal((line._data[0] ?? 0) & CODE_POINT_BITS, "a".charCodeAt(0));
		const cells = [0, 1, 2, 3].map((column) => (line._data[column * CELL + 2] ?? 0) & 0xff);
		assert.deepEqual(cells, [0, 0, 0, 0], "not written yet");
		assert.equal(readableLine(buffer, 0), line);
		assert.deepEqual(texts(made), [" b", "", "", ""]);
		const backgrounds = [0, 1, 2, 3].map((column) => (line._data[column * CELL + 2] ?? 0) & 0xff);
		assert.deepEqual(backgrounds, [0, 0, 0, 0], "as in xterm, not the current background");
		assert.equal((lineOfRow(buffer, 3)?._data[2] ?? 0) & 0xff, 0);
	});

	test("a row that is marked to be erased takes what is printed after that", () => {
		const made = limited();
		writeNow(made.terminal, '\x1b[1"qa\x1b[0"qbcd\x1b[?2J\x1b[Hx\x1b[3Cy');
		assert.deepEqual(texts(made), ["x   y", "", "", ""]);
		writeNow(made.terminal, "\x1b[?2J\x1b[3Hz");
		assert.deepEqual(texts(made), ["", "", "z", ""]);
	});

	test("blanking rows again after something has changed blanks them", () => {
		const changes = [
			"x",
			"x\x1b[3b",
			"\x1b[2;3r\x1b[3Hx\r\n\n",
			"\x1b#8",
			"\x1b[?47hx\x1b[?47l",
			"\x1b[Hx\x1b[2M",
		];
		for (const change of changes) {
			const made = limited();
			writeNow(made.terminal, `\x1b[2J${change}\x1b[2J`);
			assert.deepEqual(texts(made), ["", "", "", ""], JSON.stringify(change));
		}
	});

	test("erasing all but protected cells again erases what has changed since, on that screen only", () => {
		const erase = "\x1b[?2J";
		const changes = [
			"x",
			"x\x1b[3b",
			"x\r\ny",
			"x\r\nyzx\x1b[Hxy",
			"漢\b\bx",
			"\x1b[2;3r\x1b[3Hx\r\n\n",
			"\x1b#8",
			"\x1b[?1049hx\x1b[?2J\x1b[?1049lxy",
			"abc\x1b[?2J\x1b[41m\x1b[?2Jdef",
			"\x1b[4habc\x1b[4l",
			"x\x1b[2;1Hxy\x1b[?J",
			"e\u0301\x1b[5Cx\x1b[H\u0301",
		];
		for (const change of changes) {
			const [made, other, alone] = [limited(), limited(), limited()];
			writeNow(alone.terminal, `z${change}`);
			writeNow(made.terminal, `a\x1b[1"qb\x1b[0"qc${erase}${erase}`);
			writeNow(other.terminal, `z${change}`);
			writeNow(made.terminal, erase);
			assert.deepEqual(texts(other), texts(alone), JSON.stringify(change));
			assert.deepEqual(texts(made), [" b", "", "", ""]);
			writeNow(made.terminal, `\x1b[2J\x1b[H${erase}${change}${erase}`);
			assert.deepEqual(texts(made), ["", "", "", ""], JSON.stringify(change));
			writeNow(made.terminal, `${change}${erase}${change}${erase}`);
			assert.deepEqual(texts(made), ["", "", "", ""], JSON.stringify(change));
		}
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
