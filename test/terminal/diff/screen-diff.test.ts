/** What diffs look like: the bytes of the common cases, and rules that a receiver's state cannot show. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blankScreen, Emulator, type Screen, screenDiff, screensEqual } from "../../../src/terminal/index.js";
import { pictureOfScreen } from "../../support/screen-picture.js";
import { compareScreens, StockEmulator } from "../../support/stock-emulator/index.js";

const columns = 80;
const rows = 24;
const lines = Array.from({ length: rows }, (_, row) => `line ${row} of a file being shown`).join("\r\n");

/** The screens before and after `change`, starting from `start`. */
function frames(start: string, change: string): [base: Screen, target: Screen] {
	const emulator = new Emulator({ columns, rows, onReply: () => {} });
	emulator.write(Buffer.from(start));
	const base = emulator.snapshot();
	emulator.write(Buffer.from(change));
	return [base, emulator.snapshot()];
}

function diffText(start: string, change: string): string {
	return Buffer.from(screenDiff(...frames(start, change))).toString();
}

describe("bytes", () => {
	const cases: readonly (readonly [name: string, start: string, change: string, diff: string])[] = [
		["nothing", "text", "\r\x1b[4C", ""],
		["a typed character", "$ l", "s", "s"],
		["a typed space", "$ ls", " ", " "],
		["rubout", "$ ls", "\b \b", "\b \b"],
		["rubout of a word", "$ ls -la", "\b\b\b\x1b[K", "\b\b\b\x1b[K"],
		["a new line", "$ ls", "\r\nx", "\r\nx"],
		["a character in another rendition", "$ ", "\x1b[1;32mx\x1b[m", "\x1b[1;32mx\x1b[m"],
		["an attribute more", "\x1b[31ma", "\x1b[1mb", "\x1b[1mb"],
		["bright colours", "", "\x1b[38;5;9;48;5;12mx", "\x1b[91;104mx"],
		["an arrow to the right", "text\r", "\x1b[C", "t"],
		["an arrow to the right over other renditions", "\x1b[4mtext\x1b[m\r", "\x1b[C", "\x1b[C"],
		["far away", "text", "\x1b[20;60Hx", "\x1b[20;60Hx"],
		["bells", "", "\x07\x07\x07", "\x07"],
		["the title alone", "\x1b]0;same\x07", "\x1b]2;new\x07", "\x1b]2;new\x07"],
		["the icon name alone", "\x1b]0;same\x07", "\x1b]1;new\x07", "\x1b]1;new\x07"],
		["both", "", "\x1b]0;new\x07", "\x1b]0;new\x07"],
		["a clipboard", "", "\x1b]52;c;aGk=\x07", "\x1b]52;c;aGk=\x07"],
		[
			"modes on",
			"",
			"\x1b[?5;25;1002;1004;1006;2004h\x1b[?25l",
			"\x1b[?5h\x1b[?25l\x1b[?2004h\x1b[?1002h\x1b[?1004h\x1b[?1006h",
		],
		["another mouse mode", "\x1b[?1000h", "\x1b[?1003h", "\x1b[?1000l\x1b[?1003h"],
		["nothing for what only concerns keys", "", "\x1b[?1h\x1b=\x1b[?1007h", ""],
		["a line scrolled in at the bottom", lines, "\r\nnew", "\n\rnew"],
		["many lines scrolled in", lines, "\r\n1\r\n2\r\n3\r\n4\r\n5", "\x1b[5S\x1b[20H1\r\n2\r\n3\r\n4\r\n5"],
		["a line scrolled in at the top", lines, "\x1b[H\x1bMnew", "\x1b[T\x1b[Hnew"],
		["a region scrolled up", lines, "\x1b[3;20r\x1b[20H\n\x1b[rnew", "\x1b[3;20r\x1b[S\x1b[rnew"],
		["a region scrolled down", lines, "\x1b[3;20r\x1b[3H\x1bM\x1b[rnew", "\x1b[3;20r\x1b[T\x1b[rnew"],
		["the screen cleared", lines, "\x1b[H\x1b[J", "\x1b[H\x1b[J"],
		["the end of the screen cleared in colour", lines, "\x1b[5H\x1b[44m\x1b[J", "\x1b[5H\x1b[44m\x1b[J"],
		["cells blanked", "0123456789abcdef", "\x1b[3G\x1b[10X", "\x1b[;3H\x1b[10X"],
		["few cells blanked", "0123456789abcdef", "\x1b[3G\x1b[3X\x1b[3C", "\x1b[;3H   "],
	];
	for (const [name, start, change, diff] of cases) {
		test(name, () => assert.equal(diffText(start, change), diff));
	}
});

describe("the right margin", () => {
	test("the last cell is followed by an absolute move", () => {
		const diff = diffText("", "x".repeat(columns));
		assert.equal(diff.slice(0, columns), "x".repeat(columns));
		assert.ok(["\x1b[;80H", "\r\x1b[79C"].includes(diff.slice(columns)), JSON.stringify(diff.slice(columns)));
	});

	test("the bottom-right cell neither scrolls nor leaves a wrap pending", () => {
		const [base, target] = frames(lines, `\x1b[${rows};${columns}HX\x1b[H`);
		const client = new StockEmulator(columns, rows);
		client.write(screenDiff(blankScreen(columns, rows), base));
		client.write(screenDiff(base, target));
		assert.equal(compareScreens(pictureOfScreen(target), client.screen()), undefined);
		assert.equal(client.screen().latent.pendingWrap, false);
	});

	test("a wrapped line reaches the client as one line", () => {
		const [base, target] = frames("", "word ".repeat(40));
		const client = new StockEmulator(columns, rows);
		client.write(screenDiff(base, target));
		assert.deepEqual(
			client
				.screen()
				.lines.slice(0, 3)
				.map(({ wrapped }) => wrapped),
			[true, true, false],
		);
	});
});

describe("another size", () => {
	test("repaints whatever the client made of its own resize", () => {
		const emulator = new Emulator({ columns, rows, onReply: () => {} });
		emulator.write(Buffer.from(`${lines}\x1b[41m`));
		const base = emulator.snapshot();
		const client = new StockEmulator(columns, rows);
		client.write(screenDiff(blankScreen(columns, rows), base));
		emulator.resize(100, 10);
		const target = emulator.snapshot();
		client.resize(100, 10);
		client.write(screenDiff(base, target));
		assert.equal(compareScreens(pictureOfScreen(target), client.screen()), undefined);
	});
});

describe("screensEqual", () => {
	test("compares contents, not history", () => {
		const [base, away] = frames("text", "\x1b[2J");
		const [again] = frames("te\x1b[Hxxxx\x1b[Htext", "");
		assert.equal(screensEqual(base, again), true);
		assert.equal(screensEqual(base, away), false);
		assert.equal(screenDiff(base, again).length, 0);
	});

	const changes = [
		"\x1b[?25l",
		"\x1b[?5h",
		"\x1b[31m",
		"\x1b]2;t\x07",
		"\x1b]1;i\x07",
		"\x1b]52;c;eA==\x07",
		"\x07",
	];
	for (const change of [
		...changes,
		"\x1b[?2004h",
		"\x1b[?1000h",
		"\x1b[?1006h",
		"\x1b[?1004h",
		"\b",
		"\x1b[A",
		"x",
	]) {
		test(`${JSON.stringify(change)} makes a difference`, () => {
			const [base, target] = frames("\r\ntext", change);
			assert.equal(screensEqual(base, target), false);
			assert.ok(screenDiff(base, target).length > 0);
		});
	}
});
