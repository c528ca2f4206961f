/** The view of the history: keys in, screens out. Every screen is one that a client can be brought to. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HistoryView } from "../../../../src/server/session/view/history-view.js";
import { Emulator, type Screen } from "../../../../src/terminal/index.js";
import { INVERSE } from "../../../../src/terminal/screen/rendition.js";
import { SPACER } from "../../../../src/terminal/screen/row.js";
import { SeededRandom } from "../../../support/random.js";
import { textOf } from "../../../support/row-text.js";
import { verifiedDiff } from "../../../support/verified-diff.js";

const OPEN = "\x1e[";
const SHIFT_PAGE_UP = "\x1b[5;2~";
const PAGE_UP = "\x1b[5~";
const PAGE_DOWN = "\x1b[6~";
const WHEEL_UP = "\x1b[<64;1;1M";
const WHEEL_DOWN = "\x1b[<65;1;1M";

class Viewer {
	readonly emulator: Emulator;
	readonly view: HistoryView;
	/** What the program has got. */
	typed = "";
	#last: Screen | undefined;

	constructor({ columns = 20, rows = 5, lines = 100, pageUp = false, wheel = false } = {}) {
		this.emulator = new Emulator({ columns, rows, historyLines: lines, onReply: () => {} });
		const { history } = this.emulator;
		assert.ok(history);
		this.view = new HistoryView({ pageUp, wheel }, this.emulator, history);
		this.screen();
	}

	write(output: string): this {
		this.emulator.write(Buffer.from(output));
		return this;
	}

	/** Lines "line 1" and so on. */
	lines(count: number): this {
		return this.write(Array.from({ length: count }, (_, index) => `line ${index + 1}`).join("\r\n"));
	}

	type(...keys: string[]): this {
		for (const key of keys) {
			this.typed += Buffer.from(this.view.input(Buffer.from(key))).toString();
			this.screen();
		}
		return this;
	}

	screen(): Screen {
		const screen = this.view.shown(this.emulator.snapshot());
		if (this.#last !== undefined) {
			verifiedDiff(this.#last, screen);
		}
		this.#last = screen;
		return screen;
	}

	get texts(): string[] {
		return this.screen().lines.map(textOf);
	}

	/** Without the bar. */
	get content(): string[] {
		return this.texts.slice(0, -1);
	}

	get bar(): string {
		return this.texts.at(-1) ?? "";
	}

	/** What is shown in exchanged colours above the bar. */
	get marked(): string {
		let text = "";
		for (const row of this.screen().lines.slice(0, -1)) {
			for (let column = 0; column < row.cells.length / 3; column++) {
				const [word = 0, foreground = 0] = row.cells.subarray(column * 3);
				if ((word & SPACER) === 0) {
					text += (foreground & INVERSE) !== 0 ? row.textAt(column) : " ";
				}
			}
		}
		return text.trim().replaceAll(/ +/g, " ");
	}
}

describe("the view", () => {
	test("opens at the live screen, without moving it", () => {
		const viewer = new Viewer().lines(12).type(OPEN);
		assert.ok(viewer.view.open);
		assert.deepEqual(viewer.content, ["line 8", "line 9", "line 10", "line 11"]);
		assert.match(viewer.bar, /^ History: line 8 of/);
		assert.equal(viewer.typed, "");
	});

	test("moves by rows and pages, up to the oldest line", () => {
		const viewer = new Viewer().lines(12).type(OPEN, "\x1bOA");
		assert.equal(viewer.content[0], "line 7");
		viewer.type(PAGE_UP);
		assert.deepEqual(viewer.content, ["line 4", "line 5", "line 6", "line 7"]);
		viewer.type("\x1b[B", PAGE_UP, PAGE_UP, PAGE_UP);
		assert.equal(viewer.content[0], "line 1");
		for (const home of ["g", "\x1b[H", "\x1bOH", "\x1b[1~"]) {
			viewer.type(PAGE_DOWN, home);
			assert.equal(viewer.content[0], "line 1", JSON.stringify(home));
		}
		assert.equal(viewer.typed, "");
	});

	for (const [name, keys, typed] of [
		["q", ["q"], ""],
		["Esc", ["\x1b"], ""],
		["G", ["g", "G"], ""],
		["End", ["g", "\x1bOF"], ""],
		["opening it again", ["g", OPEN], ""],
		["reaching the end by rows", ["\x1b[B"], ""],
		["reaching the end by pages", ["g", PAGE_DOWN, PAGE_DOWN, PAGE_DOWN], ""],
		["typing, which goes to the program", ["g", "ls\r"], "ls\r"],
		["a function key, which goes to the program", ["g", "\x1bOP"], "\x1bOP"],
		["a paste, which goes to the program", ["g", "\x1b[200~q/\x1e[\x1b[201~"], "\x1b[200~q/\x1e[\x1b[201~"],
	] as const) {
		test(`is closed by ${name}`, () => {
			const viewer = new Viewer().lines(12).type(OPEN, "\x1b[A", ...keys);
			assert.ok(!viewer.view.open);
			assert.equal(viewer.typed, typed);
			assert.deepEqual(viewer.texts, ["line 8", "line 9", "line 10", "line 11", "line 12"]);
		});
	}

	test("opens by Shift-PgUp on the main screen only, by PgUp if wanted", () => {
		const viewer = new Viewer().lines(12).type(SHIFT_PAGE_UP);
		assert.equal(viewer.content[0], "line 5");
		viewer.type("q", PAGE_UP);
		assert.equal(viewer.typed, PAGE_UP);
		viewer.write("\x1b[?1049h").type(SHIFT_PAGE_UP, OPEN, "\x1b[A");
		assert.equal(viewer.typed, PAGE_UP + SHIFT_PAGE_UP);
		assert.equal(viewer.content[0], "line 7", "Ctrl-^ [ shows the main screen's lines");
		const wanted = new Viewer({ pageUp: true }).lines(12).type(PAGE_UP);
		assert.equal(wanted.content[0], "line 5");
		assert.equal(wanted.typed, "");
	});

	test("is not opened by keys that would show nothing more", () => {
		const viewer = new Viewer({ pageUp: true }).type(SHIFT_PAGE_UP, PAGE_UP);
		assert.ok(!viewer.view.open);
		assert.equal(viewer.typed, SHIFT_PAGE_UP + PAGE_UP);
	});

	test("takes keys that arrive in pieces or together", () => {
		const viewer = new Viewer().lines(12).type(`${OPEN}\x1b[A\x1bOAg`, "\x1b", "x");
		assert.equal(viewer.typed, "x", "Esc alone is a key");
		viewer.type(OPEN, "\x1b[", "A\x1bO", "A");
		assert.equal(viewer.content[0], "line 6");
		viewer.type(`q${OPEN}gqls`);
		assert.equal(viewer.typed, "xls");
	});

	test("stays where it is while lines come, and where they go", () => {
		const viewer = new Viewer({ lines: 10, columns: 70 }).lines(12).type(OPEN, PAGE_UP);
		assert.equal(viewer.content[0], "line 5");
		viewer.write("\r\nmore\r\nmore\x07\x1b]2;title\x07");
		assert.equal(viewer.content[0], "line 5");
		assert.match(viewer.bar, /2 new/);
		assert.deepEqual([viewer.screen().bells, viewer.screen().title], [1, "title"]);
		viewer.write("\r\nmore".repeat(5));
		assert.equal(viewer.content[0], "line 5");
		viewer.write("\r\nmore".repeat(3));
		assert.equal(viewer.content[0], "line 8", "the oldest that is left");
		viewer.write("\x1b[3J");
		assert.equal(viewer.content.length, 4);
	});

	test("keeps colours and shows no cursor", () => {
		const viewer = new Viewer().write("\x1b[31mred\x1b[m").lines(12).type(OPEN, "g");
		assert.equal(viewer.screen().lines[0], viewer.emulator.history?.row(0), "the very row");
		assert.equal(viewer.screen().cursorVisible, false);
	});

	test("stays open when the program turns to the alternate screen and back, and shows that when it is closed", () => {
		const viewer = new Viewer({ wheel: true }).lines(12).type(OPEN, "g");
		viewer.write("\x1b[?1049h\x1b[Hfull screen");
		assert.deepEqual(viewer.content, ["line 1", "line 2", "line 3", "line 4"]);
		viewer.type(PAGE_DOWN, WHEEL_UP);
		assert.equal(viewer.content[0], "line 1");
		viewer.type("q");
		assert.equal(viewer.texts[0], "full screen");
		viewer.type(OPEN, "\x1b[A").write("\x1b[?1049l\r\nmore");
		assert.equal(viewer.content[0], "line 7");
		assert.match(viewer.type("x").texts.at(-1) ?? "", /^more/);
		assert.equal(viewer.typed, "x");
	});

	test("breaks lines anew for another width, and finds its place again", () => {
		const viewer = new Viewer()
			.write(`${"0123456789".repeat(4)}漢字\r\n`)
			.lines(12)
			.type(OPEN, "g", "\x1b[B");
		assert.deepEqual(viewer.content.slice(0, 2), ["01234567890123456789", "漢字"]);
		viewer.emulator.resize(7, 5);
		assert.deepEqual(viewer.content, ["4567890", "1234567", "8901234", "56789漢"]);
		viewer.emulator.resize(50, 5);
		assert.equal(viewer.content[0], `${"0123456789".repeat(4)}漢字`);
		viewer.emulator.resize(2, 1);
		assert.equal(viewer.texts.length, 1);
		viewer.emulator.resize(1000, 500);
		assert.match(viewer.bar, /^ History: line 1 of/);
	});
});

test("what a lower window moves to the history is not counted as new", () => {
	for (const [enter, leave] of [
		["", ""],
		["\x1b[?1049h\x1b[Hfull screen", "\x1b[?1049l"],
	]) {
		const viewer = new Viewer({ columns: 70, rows: 10 })
			.lines(30)
			.type(OPEN, PAGE_UP)
			.write(enter ?? "");
		viewer.screen();
		viewer.emulator.resize(70, 4);
		assert.doesNotMatch(viewer.bar, /new/);
		viewer.emulator.resize(70, 10);
		viewer.write(`${leave}${"\r\nmore".repeat(9)}`);
		assert.match(viewer.bar, /3 new/, "the window had room for six");
	}
});

describe("a search in the view", () => {
	const output = "alpha\r\nBeta (1)\r\ngamma\r\n".repeat(5);

	test("goes up as it is typed, and on by n and N", () => {
		const viewer = new Viewer().write(output).type(OPEN, "?", "b", "e", "t");
		assert.equal(viewer.bar, "?bet");
		assert.deepEqual([viewer.screen().cursorVisible, viewer.screen().cursorColumn], [true, 4]);
		assert.equal(viewer.marked, "Bet");
		const line = () => Number(/line (\d+)/.exec(viewer.bar)?.[1]);
		viewer.type("\r");
		const first = line();
		viewer.type("n", "n");
		const second = line();
		assert.ok(second < first, `${second} < ${first}`);
		viewer.type("N", "N");
		assert.ok(line() > second);
		viewer.type("n", "n", "n", "n", "n", "n", "n");
		assert.equal(viewer.typed, "");
	});

	test("tells when it goes on at the other end, and when there is nothing", () => {
		const viewer = new Viewer({ columns: 70 }).write(`only here\r\n${output}`).type(OPEN, "/", "only");
		assert.equal(viewer.marked, "only");
		assert.match(viewer.bar, /^\/only {3}\(from the beginning\)/);
		viewer.type("x");
		assert.match(viewer.bar, /not found/);
		assert.match(viewer.content.join(), /Beta/, "back where it began");
		viewer.type("\x7f", "\r", "n");
		assert.match(viewer.bar, /from the beginning/);
		viewer.type("\x1b[A", "n");
		assert.equal(viewer.marked, "only");
	});

	test("takes the text as it is, and capitals as capitals", () => {
		const viewer = new Viewer().write(output).type(OPEN, "?", "(1)");
		assert.equal(viewer.marked, "(1)");
		viewer.type("\x15", "BETA");
		assert.equal(viewer.marked, "");
		viewer.type("\x1b");
		assert.ok(viewer.view.open, "Esc ends the search only");
		viewer.type("?", "漢");
		assert.equal(viewer.bar, "?漢   (not found)");
	});

	test("finds wide characters, also where one had no room at the end of a row", () => {
		const viewer = new Viewer().write(`${"x".repeat(19)}漢字と\r\n日本語\r\n`).lines(12);
		viewer.type(OPEN, "/", "漢字");
		assert.equal(viewer.marked, "漢字");
		assert.deepEqual(viewer.content.slice(0, 3), ["x".repeat(19), "漢字と", "日本語"]);
		viewer.type("\x15", "本", "\r");
		assert.equal(viewer.marked, "本");
		viewer.emulator.resize(15, 5);
		assert.equal(viewer.marked, "本", "at another width too");
		viewer.emulator.resize(20, 5);
		assert.equal(viewer.type("/", "x漢").marked, "x 漢");
	});

	test("finds what goes on in the next row, in the live screen too", () => {
		const viewer = new Viewer().write(`${"x".repeat(18)}needle`).type(OPEN, "/", "needle");
		assert.equal(viewer.marked, "needle");
		const last = new Viewer({ rows: 3 }).write("a\r\nb\r\nc\r\nd\r\nlast").type(OPEN, "/", "last");
		assert.equal(last.marked, "last", "not behind the bar");
		const two = new Viewer({ columns: 70 }).write("a needle\r\nb needle").type(OPEN, "?", "needle");
		assert.equal(two.bar, "?needle", "begins with the last one shown");
		assert.doesNotMatch(two.type("\r", "n").bar, /from the end/);
		assert.match(two.type("n").bar, /from the end/);
		last.type("\r", "\x1b[A");
		assert.ok(last.view.open);
	});
});

describe("the wheel", () => {
	test("scrolls where it is asked for and the program wants no reports", () => {
		const viewer = new Viewer({ wheel: true }).lines(12);
		assert.deepEqual([viewer.screen().mouseMode, viewer.screen().mouseEncoding], [1000, 1006]);
		viewer.type("\x1b[<0;3;3M\x1b[<0;3;3m", WHEEL_DOWN, "\x1b[<0;3", ";3M");
		assert.ok(!viewer.view.open);
		viewer.type(WHEEL_UP);
		assert.equal(viewer.content[0], "line 5");
		viewer.type("\x1b[<68;1;1M", "\x1b[M`!!", WHEEL_DOWN);
		assert.equal(viewer.content[0], "line 4", "with Shift, and in the older encoding");
		viewer.type(WHEEL_DOWN, "\x1b[<65;1", ";1M");
		assert.ok(!viewer.view.open);
		assert.equal(viewer.typed, "");
	});

	test("is the program's if it wants reports, and arrow keys on the alternate screen", () => {
		const viewer = new Viewer({ wheel: true }).lines(12).write("\x1b[?1002h");
		assert.equal(viewer.screen().mouseMode, 1002);
		viewer.type(WHEEL_UP);
		assert.equal(viewer.typed, WHEEL_UP);
		viewer.write("\x1b[?1002l\x1b[?1049h");
		assert.equal(viewer.screen().mouseMode, 0);
	});

	test("costs selecting text by default nothing", () => {
		const viewer = new Viewer().lines(12).write("\x1b[?1000h\x1b[?1006h");
		assert.equal(viewer.screen().mouseMode, 1000);
		viewer.type(OPEN);
		assert.equal(viewer.screen().mouseMode, 0);
	});
});

describe("whatever is typed and put out", () => {
	const KEYS = [
		OPEN,
		OPEN,
		"\x1b[A",
		"\x1b[B",
		PAGE_UP,
		PAGE_DOWN,
		"g",
		"/",
		"?",
		"x",
		"漢",
		"n",
		"N",
		"\r",
		"\x7f",
	];
	const OUTPUTS = [
		"x漢字 ",
		"\r\n",
		"e\u0301",
		"\x1b[31;44m",
		"\x1b[m",
		"\x1b[2J",
		"\x1b[3J",
		"\x1b[?1049h",
		"\x1b[?1049l",
	];
	for (let seed = 1; seed <= 8; seed++) {
		test(`leads to screens that a client can show: ${seed}`, () => {
			const random = new SeededRandom(seed);
			const pick = (from: readonly string[]): string => from[random.below(from.length)] ?? "";
			const viewer = new Viewer({ lines: 20, wheel: seed % 2 === 0 });
			for (let step = 0; step < 150; step++) {
				viewer.write(pick(OUTPUTS).repeat(1 + random.below(12)));
				viewer.type(pick(KEYS));
				if (random.below(10) === 0) {
					viewer.emulator.resize(1 + random.below(30), 1 + random.below(8));
				}
				const { lines, columns, rows } = viewer.screen();
				assert.equal(lines.length, rows);
				assert.ok(lines.every(({ cells }) => cells.length === columns * 3));
			}
		});
	}
});
