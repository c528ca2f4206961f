/** Rows read from xterm.js: from words as through the public interface, and not read again without need. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limitWork } from "../../../src/terminal/emulator/limits.js";
import { RowReader } from "../../../src/terminal/emulator/row-reader.js";
import { WidthProvider } from "../../../src/terminal/emulator/width-provider.js";
import { AMBIGUOUS, type Row } from "../../../src/terminal/screen/row.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

const COLUMNS = 20;
const ROWS = 4;

function reading(): {
	write(output: string): void;
	read(previous: readonly Row[]): readonly Row[];
	slowly(): readonly Row[];
} {
	const { terminal, core } = bareTerminal(COLUMNS, ROWS);
	terminal.unicode.register(new WidthProvider(terminal));
	terminal.unicode.activeVersion = "wcwidth";
	limitWork(terminal, core);
	const { active } = terminal.buffer;
	const fast = new RowReader(active, COLUMNS, core);
	return {
		write: (output) => writeNow(terminal, output),
		read: (previous) => fast.read(terminal.buffer.active, ROWS, previous),
		slowly: () => new RowReader(active, COLUMNS).read(terminal.buffer.active, ROWS, []),
	};
}

const OUTPUTS = [
	"plain text",
	"\x1b[1;3;4;5;7;8;31;42mall of it",
	"\x1b[38;2;1;2;3;48;5;200mcolours\x1b[K",
	"漢字かな e\u0301 \u0301 \ue0b0 👩\u200d💻 \u{40000}",
	`${"x".repeat(COLUMNS - 1)}漢`,
	"x".repeat(COLUMNS * 2 + 3),
	`${"x".repeat(COLUMNS)}😀`,
	"x\x1b[99b",
	`e${"\u0301".repeat(40)}`,
	"\x1b#8\x1b[2;3Hx",
];

describe("RowReader", () => {
	for (const output of OUTPUTS) {
		test(`reads words as it reads cells: ${JSON.stringify(output).slice(0, 50)}`, () => {
			const { write, read, slowly } = reading();
			write(output);
			const rows = read([]);
			for (const [row, line] of slowly().entries()) {
				assert.ok(line.equals(rows[row] as Row), `row ${row}`);
			}
		});
	}

	test("returns what it returned before when nothing has changed", () => {
		const { write, read } = reading();
		write("some text");
		const before = read([]);
		write("\x1b[Hsome text");
		assert.equal(read(before), before);
	});

	test("returns rows that have moved as the same objects, marks and all", () => {
		const { write, read } = reading();
		write("one\r\ne\u0301\r\n漢\r\nfour");
		const before = read([]);
		write("\r\nfive");
		const after = read(before);
		for (const row of [0, 1, 2]) {
			assert.equal(after[row], before[row + 1]);
		}
		assert.notEqual(after[3], before[3]);
	});

	test("shares rows that look alike", () => {
		const { write, read } = reading();
		write("same\r\nsame\r\nsame");
		const rows = read([]);
		assert.equal(new Set(rows).size, 2);
	});

	test("notices every kind of change to a line that it has read", () => {
		for (const change of [
			"\x1b[Hy",
			"\x1b[H\x1b[P",
			"\x1b[H\x1b[@",
			"\x1b[2K",
			"\x1b[H\x1b[X",
			"\x1b[4G\u0301",
			"\x1b[Hy\x1b[2b",
		]) {
			const { write, read, slowly } = reading();
			write("abc");
			const before = read([]);
			write(change);
			const after = read(before);
			assert.notEqual(after[0], before[0], JSON.stringify(change));
			assert.ok(slowly()[0]?.equals(after[0] as Row), JSON.stringify(change));
		}
	});

	test("lets a row wrap only where the client would wrap there as well", () => {
		const wraps = (output: string): boolean | undefined => {
			const { write, read } = reading();
			write(output);
			return read([])[0]?.wraps;
		};
		assert.equal(wraps("x".repeat(COLUMNS + 1)), true);
		assert.equal(wraps(`${"x".repeat(COLUMNS)}\r\nx`), false);
		assert.equal(wraps(`${"x".repeat(COLUMNS - 1)}\ue0b0x`), false, "the last width is ambiguous");
		assert.equal(wraps(`${"x".repeat(COLUMNS)}\ue0b0`), false, "the first width is ambiguous");
	});

	test("marks characters of ambiguous width", () => {
		const { write, read } = reading();
		write("a\ue0b0");
		const cells = read([])[0]?.cells ?? [];
		assert.deepEqual([(cells[0] ?? 0) & AMBIGUOUS, (cells[3] ?? 0) & AMBIGUOUS], [0, AMBIGUOUS]);
	});
});
