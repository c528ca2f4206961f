/** Lines that have left the screen: which, in what order, what they cost; compared with what xterm.js saves. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { Emulator } from "../../../src/terminal/emulator/emulator.js";
import type { History } from "../../../src/terminal/emulator/history.js";
import { Paragraph } from "../../../src/terminal/screen/paragraph.js";
import { copiesMade, writeNow } from "../../support/counted-work.js";
import { SeededRandom } from "../../support/random.js";
import { textOf } from "../../support/row-text.js";

function kept(
	columns = 10,
	rows = 3,
	historyLines = 100,
): {
	readonly emulator: Emulator;
	readonly history: History;
	write(output: string): void;
} {
	const emulator = new Emulator({ columns, rows, historyLines, onReply: () => {} });
	const { history } = emulator;
	assert.ok(history);
	return { emulator, history, write: (output) => emulator.write(Buffer.from(output)) };
}

const texts = (history: History, to = history.end): string[] => history.rows(history.first, to).map(textOf);

describe("the history", () => {
	const cases: readonly (readonly [name: string, output: string, lines: readonly string[]])[] = [
		["line feeds at the bottom", "a\r\nb\r\nc\r\nd\r\ne", ["a", "b"]],
		["a line that wraps", `${"x".repeat(25)}\r\n\n\n`, ["xxxxxxxxxx", "xxxxxxxxxx", "xxxxx"]],
		["scrolling up by a sequence", "a\r\nb\r\nc\x1b[2S", ["a", "b"]],
		["scrolling up further than there are rows", "a\r\nb\r\nc\x1b[9S", ["a", "b", "c"]],
		["a region at the top", "a\r\nb\r\nc\x1b[1;2r\x1b[2H\n\n", ["a", "b"]],
		["no region further down", "a\r\nb\r\nc\x1b[2;3r\x1b[3H\n\n", []],
		["no deleted lines", "a\r\nb\r\nc\x1b[H\x1b[M", []],
		["nothing of the alternate screen", "a\x1b[?1049h\n\n\nb\n\n\n\x1b[?1049l", []],
		["nothing of a cleared screen", "a\r\nb\x1b[2J\x1b[3H\n", [""]],
		["nothing from before it was cleared", "a\r\nb\r\nc\r\nd\x1b[3J\r\ne", ["b"]],
		["nothing from before a reset", "a\r\nb\r\nc\r\nd\x1bc\n\n\n\n", ["", ""]],
		["characters of several code points", "e\u0301 漢\r\n\n\n", ["e\u0301 漢"]],
		["repeated characters", "x\x1b[9b\r\n\n\n", ["xxxxxxxxxx"]],
	];
	for (const [name, output, lines] of cases) {
		test(`holds ${name}`, () => {
			const { history, write } = kept();
			write(output);
			assert.deepEqual(texts(history), lines);
		});
	}

	test("numbers lines for good, also those that it drops", () => {
		const { history, write } = kept(10, 3, 4);
		for (let line = 0; line < 12; line++) {
			write(`${line}\r\n`);
		}
		assert.deepEqual([history.first, history.end], [6, 10]);
		assert.equal(textOf(history.row(7)), "7");
		assert.throws(() => history.row(5), RangeError);
		write("\x1b[3J");
		assert.deepEqual([history.first, history.end], [10, 10]);
	});

	test("goes on in the screen, whichever is shown", () => {
		const { history, write } = kept();
		write("a\r\nb\r\nc\r\nd\x1b[?1049hother");
		assert.deepEqual(texts(history, history.end + 3), ["a", "b", "c", "d"]);
		assert.throws(() => history.row(history.end + 3), RangeError);
	});

	test("shares rows with the screens that showed them", () => {
		const { emulator, history, write } = kept();
		write("a\r\nb\r\nc");
		const { lines } = emulator.snapshot();
		write("\r\nd");
		assert.equal(history.row(0), lines[0]);
		assert.equal(history.row(0), history.row(0));
		assert.equal(history.row(1), emulator.snapshot().lines[0]);
	});

	test("tells which lines go on in the next, across the screen's edge too", () => {
		const { history, write } = kept();
		write(`${"x".repeat(9)}漢${"y".repeat(20)}\r\nz\r\n`);
		const flags = [0, 1, 2, 3].map((line) => [history.continues(line), history.row(line).wraps]);
		assert.deepEqual(flags, [
			// No client can be made to wrap after the blank that a wide character left.
			[true, false],
			[true, true],
			[true, true],
			[false, false],
		]);
		assert.equal(history.end, 3);
	});

	test("takes what a smaller screen has no room for, and keeps the width of each line", () => {
		const { emulator, history, write } = kept(10, 4);
		write("0123456789\r\nb\r\nc\r\nd");
		emulator.resize(20, 2);
		assert.deepEqual(texts(history, history.end + 2), ["0123456789", "b", "c", "d"]);
		assert.deepEqual(
			history.rows(0, 3).map(({ cells }) => cells.length / 3),
			[10, 10, 20],
		);
		write("\r\ne\x1b[?1049h");
		emulator.resize(20, 1);
		assert.deepEqual(texts(history, history.bottom), ["0123456789", "b", "c", "d", "e"]);
	});

	test("a wrapped line stays one through changes of size, whether it has left the screen before or after", () => {
		for (const columns of [20, 7]) {
			const { emulator, history, write } = kept(10, 4);
			write(`${"x".repeat(25)}\r\n\n\n${"y".repeat(15)}\r\nz`);
			assert.equal(history.end, 4, "the lines of y are on the screen");
			emulator.resize(columns, 5);
			write("\r\n\n\n\n\n");
			const paragraph = (line: number): readonly number[] => {
				const { from, to } = Paragraph.at(history, line);
				return [from, to];
			};
			assert.deepEqual(
				[0, 1, 2].map(paragraph),
				[0, 1, 2].map(() => [0, 3]),
			);
			assert.deepEqual([5, 6].map(paragraph), [
				[5, 7],
				[5, 7],
			]);
			const rows = Paragraph.at(history, 0).layout(columns);
			const shown = Array.from({ length: rows.count }, (_, row) => textOf(rows.row(row, [])));
			assert.deepEqual(shown, "x".repeat(25).match(new RegExp(`.{1,${columns}}`, "g")));
		}
	});

	test("drops lines when they take more than 8 KiB each", () => {
		const { history, write } = kept(1000, 3, 10);
		write(`${"x".repeat(500)}\r\n`.repeat(20));
		assert.equal(history.end - history.first, 10, "6 kB each, two in a block of 16 KiB, 80 KiB in all");
		write(`${"x".repeat(999)}\r\n`.repeat(20));
		assert.equal(history.end - history.first, 5, "12 kB each, one in a block");
		write(`${"e\u0301".repeat(300)}\r\n`.repeat(20));
		assert.equal(history.end - history.first, 1, "300 texts of their own take 36 kB");
		assert.ok(history.bytes <= 80 << 10, `${history.bytes} bytes`);
		write("\x1b[3J");
		assert.equal(history.bytes, 0);
	});

	test("does not change a line that it holds", () => {
		const { history, write } = kept(10, 1);
		write(`${"a".repeat(9)}漢b\r\n\x1b[2Jc\r\n`);
		assert.deepEqual(texts(history), [`${"a".repeat(9)}`, "漢b", "c"]);
	});

	test("makes no new lines once it is full", () => {
		const { write } = kept(80, 24, 50);
		write("x\r\n".repeat(200));
		const made = copiesMade(() => write("x\r\n".repeat(100)));
		assert.ok(made <= 1, `${made} copies`);
	});

	test("keeps rows that share a line as lines of their own", () => {
		const { history, write } = kept(10, 4, 6);
		write("a\r\nb\x1b[4S\x1b[4S");
		assert.deepEqual([history.first, history.end], [2, 8]);
		assert.deepEqual(texts(history), ["", "", "", "", "", ""]);
		write("\x1b[4S\x1b[4S");
		assert.deepEqual([history.first, history.end], [10, 16]);
		write("\x1b[Hc\x1b[S\x1b[44m\x1b[2J\x1b[4S");
		assert.deepEqual([history.first, history.end], [15, 21]);
		assert.deepEqual(texts(history), ["", "c", "", "", "", ""]);
		const backgrounds = history
			.rows(history.first, history.end)
			.map(({ background = 0 }) => background !== 0);
		assert.deepEqual(backgrounds, [false, false, true, true, true, true]);
		write("\x1b[3J\x1b[4S");
		assert.equal(history.end - history.first, 4);
	});

	test("is empty unless asked for", () => {
		assert.equal(new Emulator({ columns: 80, rows: 24, onReply: () => {} }).history, undefined);
	});
});

/** Another copy of xterm.js: the emulator's has been changed and keeps no lines. */
function untouchedXterm(): typeof import("@xterm/headless") {
	const load = createRequire(import.meta.url);
	delete load.cache[load.resolve("@xterm/headless")];
	return load("@xterm/headless");
}

const xterm = untouchedXterm();

const PIECES = [
	"word ",
	"\r\n",
	"\n",
	"漢字",
	"\x1b[31m",
	"\x1b[m",
	"\x1b[2;3r",
	"\x1b[1;3r",
	"\x1b[r",
	"\x1b[4H",
	"\x1b[H",
	"\x1bD",
	"\x1bM",
	"\x1b[2K",
	"\x1b[J",
	"\x1b[2J",
	"\x1b[L",
	"\x1b[M",
	"#".repeat(30),
];

describe("random programs", () => {
	for (let seed = 1; seed <= 20; seed++) {
		test(`leave what xterm.js would save: ${seed}`, () => {
			const random = new SeededRandom(seed);
			const { emulator, history, write } = kept(12, 4, 1_000);
			const other = new xterm.Terminal({
				cols: 12,
				rows: 4,
				scrollback: 1_000,
				allowProposedApi: true,
				logLevel: "off",
				windowsPty: { backend: "winpty", buildNumber: 1 },
			});
			for (let step = 0; step < 300; step++) {
				const piece = PIECES[random.below(PIECES.length)] ?? "";
				write(piece);
				writeNow(other, piece);
				if (random.below(20) === 0) {
					emulator.snapshot();
				}
				if (random.below(30) === 0) {
					const rows = 2 + random.below(6);
					emulator.resize(12, rows);
					other.resize(12, rows);
				}
			}
			const { normal } = other.buffer;
			const saved = Array.from(
				{ length: normal.length },
				(_, line) => normal.getLine(line)?.translateToString(true).trimEnd() ?? "",
			);
			assert.deepEqual(texts(history, history.bottom), saved);
		});
	}
});
