/** What diffs look like: the bytes of the common cases, and rules that a receiver's state cannot show. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RowPainter } from "../../../src/terminal/diff/row-painter.js";
import { screenDiff } from "../../../src/terminal/diff/screen-diff.js";
import { blankScreen, Emulator, type Screen, screensEqual } from "../../../src/terminal/index.js";
import type { Extension } from "../../../src/terminal/screen/extensions.js";
import { pictureOfScreen } from "../../support/screen-picture.js";
import { compareScreens, StockEmulator } from "../../support/stock-emulator/index.js";
import { verifiedDiff } from "../../support/verified-diff.js";

const columns = 80;
const rows = 24;
const lines = Array.from({ length: rows }, (_, row) => `line ${row} of a file being shown`).join("\r\n");

/** The screens before and after `change`, starting from `start`. */
function frames(
	start: string,
	change: string,
	extensions: readonly Extension[] = [],
): [base: Screen, target: Screen] {
	const emulator = new Emulator({ columns, rows, extensions: new Set(extensions), onReply: () => {} });
	emulator.write(Buffer.from(start));
	const base = emulator.snapshot();
	emulator.write(Buffer.from(change));
	return [base, emulator.snapshot()];
}

function diffText(start: string, change: string, extensions: readonly Extension[] = []): string {
	return Buffer.from(verifiedDiff(...frames(start, change, extensions))).toString();
}

test("a screen is painted once where clearing it first cannot pay, since it is blank", (t) => {
	const painted = t.mock.method(RowPainter.prototype, "paint").mock;
	screenDiff(...frames("prompt", `\x1b[2J\x1b[H${lines}`));
	assert.equal(painted.callCount(), rows);
	screenDiff(...frames(lines.replaceAll("line", "text"), `\x1b[2J\x1b[H${lines}`));
	assert.ok(
		painted.callCount() > 2 * rows,
		"of three ways to a screen that is full already the shortest is taken",
	);
});

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

describe("extensions", () => {
	const link = "\x1b]8;;http://x\x07";
	const end = "\x1b]8;;\x07";
	const cases: readonly (readonly [
		name: string,
		extension: Extension,
		start: string,
		change: string,
		diff: string,
		without: string,
	])[] = [
		["a link", "links", "", `${link}a link${end}.`, `${link}a link${end}.`, "a link."],
		[
			"a link that continues in another line",
			"links",
			"",
			`${link}one\r\ntwo${end}.`,
			`${link}one\r\ntwo${end}.`,
			"one\r\ntwo.",
		],
		["two links side by side", "links", "", `${link}a\x1b]8;;x:z\x07b`, `${link}a\x1b]8;;x:z\x07b`, "ab"],
		[
			"the same text in two rows, with other addresses",
			"links",
			"",
			`${link}same\r\n\x1b]8;;x:z\x07same`,
			`${link}same\r\n\x1b]8;;x:z\x07same`,
			"same\r\nsame",
		],
		["a move over another link", "links", `\x1b]8;;x:z\x07ab\r${link}`, "\x1b[2Cc", "\x1b[2Cc", "abc"],
		["a link with an id", "links", "", "\x1b]8;id=a;x:y\x1b\\a", "\x1b]8;id=a;x:y\x07a", "a"],
		["another address of the same text", "links", `${link}a`, "\r\x1b]8;;x:z\x07a", "\r\x1b]8;;x:z\x07a", ""],
		["no address that is not ASCII", "links", "", "\x1b]8;;http://ä\x07a", "a", "a"],
		["no address of any length", "links", "", `\x1b]8;;x:${"x".repeat(3000)}\x07a`, "a", "a"],
		["a link repeated", "links", "", `${link}a\x1b[3b${end}`, `${link}aaaa${end}`, "aaaa"],
		["a link scrolled", "links", `${lines}\x1b[5H${link}linked${end}\x1b[24H`, "\n\n", "\n\n", "\n\n"],
		["a link that moves", "links", `${link}ab${end}`, "\r\x1b[@", `\r ${link}ab\r${end}`, "\r ab\r"],
		["a link erased", "links", `${link}abcdef${end}`, "\x1b[3G\x1b[K", "\b\b\b\b\x1b[K", "\b\b\b\b\x1b[K"],
		["a link on the other screen", "links", "", `\x1b[?1049h${link}a${end}\x1b[?1049l\x1b[Hb`, "b", "b"],
		["a curly underline", "underline", "", "\x1b[4:3mx\x1b[m", "\x1b[4m\x1b[4:3mx\x1b[m", "\x1b[4mx\x1b[m"],
		["a double underline", "underline", "", "\x1b[21mx", "\x1b[4m\x1b[4:2mx", "\x1b[4mx"],
		["its colour", "underline", "", "\x1b[4;58;5;9mx", "\x1b[4m\x1b[58:5:9mx", "\x1b[4mx"],
		["its colour as RGB", "underline", "", "\x1b[4;58:2::1:2:3mx", "\x1b[4m\x1b[58:2::1:2:3mx", "\x1b[4mx"],
		["a straight one again", "underline", "\x1b[4:3mx", "\x1b[4my", "\x1b[4my", "y"],
		["the text's colour again", "underline", "\x1b[31;44;4;58;5;9mx", "\x1b[59my", "\x1b[59my", "y"],
		["a colour without an underline", "underline", "", "\x1b[58;5;9mx", "x", "x"],
		[
			"a rendition saved and restored",
			"underline",
			"\x1b[4:3m\x1b7\x1b[m",
			"\x1b8x",
			"\x1b[4m\x1b[4:3mx",
			"\x1b[4mx",
		],
		["faint", "faint", "", "\x1b[2mx", "\x1b[2mx", "x"],
		["bold instead of faint", "faint", "\x1b[31;44;2ma", "\x1b[22;1mb", "\x1b[22;1mb", "\x1b[1mb"],
		["faint as well as bold", "faint", "\x1b[1ma", "\x1b[2mb", "\x1b[2mb", "b"],
		["struck text", "strike", "", "\x1b[9mx y", "\x1b[9mx y", "x y"],
		["text no longer struck", "strike", "\x1b[1;31;9ma", "\x1b[29mb", "\x1b[29mb", "b"],
		["grey for faint", "faint-grey", "", "\x1b[2mx\x1b[22my", "\x1b[90mx\x1b[my", "xy"],
		["a normal colour for faint", "faint-grey", "", "\x1b[2;91mx", "\x1b[31mx", "\x1b[91mx"],
		[
			"half the light for faint",
			"faint-grey",
			"",
			"\x1b[2;38;2;9;8;255mx",
			"\x1b[38;2;4;4;127mx",
			"\x1b[38;2;9;8;255mx",
		],
		["a cursor's shape", "cursor", "", "\x1b[5 q", "\x1b[5 q", ""],
		["the terminal's own cursor", "cursor", "\x1b[5 q", "\x1b[0 q", "\x1b[0 q", ""],
		["no shape that there is not", "cursor", "", "\x1b[7 q", "", ""],
	];
	for (const [name, extension, start, change, diff, without] of cases) {
		test(name, () => {
			assert.equal(diffText(start, change, [extension]), diff);
			assert.equal(diffText(start, change), without);
		});
	}

	test("a row has links of 4 kB at most, so that a screen full of them is not more than a client takes", () => {
		const links = (row: number): string =>
			["a", "b", "c", "d"].map((text) => `\x1b]8;;x:${row}${text.repeat(2_000)}\x07${text}`).join("");
		const full = Array.from({ length: rows }, (_, row) => links(row)).join("\r\n");
		const diff = diffText("", `${full}\x1b]8;;\x07`, ["links"]);
		assert.equal(diff.split("x:").length - 1, 2 * rows);
	});
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
		client.write(verifiedDiff(blankScreen(columns, rows), base));
		client.write(verifiedDiff(base, target));
		assert.equal(compareScreens(pictureOfScreen(target), client.screen()), undefined);
		assert.equal(client.screen().latent.pendingWrap, false);
	});

	test("a wrapped line reaches the client as one line", () => {
		const [base, target] = frames("", "word ".repeat(40));
		const client = new StockEmulator(columns, rows);
		client.write(verifiedDiff(base, target));
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
		client.write(verifiedDiff(blankScreen(columns, rows), base));
		emulator.resize(100, 10);
		const target = emulator.snapshot();
		client.resize(100, 10);
		client.write(verifiedDiff(base, target));
		assert.equal(compareScreens(pictureOfScreen(target), client.screen()), undefined);
	});
});

describe("screensEqual", () => {
	test("compares contents, not history", () => {
		const [base, away] = frames("text", "\x1b[2J");
		const [again] = frames("te\x1b[Hxxxx\x1b[Htext", "");
		assert.equal(screensEqual(base, again), true);
		assert.equal(screensEqual(base, away), false);
		assert.equal(verifiedDiff(base, again).length, 0);
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
			assert.ok(verifiedDiff(base, target).length > 0);
		});
	}
});
