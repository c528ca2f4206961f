/** What is carried out instead of xterm.js (line-functions.ts) against xterm.js itself, by random programs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import headless, { type Terminal } from "@xterm/headless";
import fc from "fast-check";
import {
	type InputHandler,
	internalsOf,
	type RawParameters,
} from "../../../src/terminal/emulator/internals.js";
import { inDefaultColours } from "../../../src/terminal/emulator/line-functions.js";
import { RowReader } from "../../../src/terminal/emulator/row-reader.js";
import { WidthProvider } from "../../../src/terminal/emulator/width-provider.js";
import { behaveAsXterm } from "../../../src/terminal/emulator/xterm-corrections.js";
import { Emulator, type Screen } from "../../../src/terminal/index.js";

interface Resize {
	readonly columns: number;
	readonly rows: number;
}

/** xterm.js as `Emulator` sets it up and corrects it, and nothing done instead of it. */
function bareTerminal({ columns, rows }: Resize): Terminal {
	const terminal = new headless.Terminal({
		cols: columns,
		rows,
		scrollback: 0,
		allowProposedApi: true,
		logLevel: "off",
		windowsPty: { backend: "winpty", buildNumber: 1 },
	});
	terminal.unicode.register(new WidthProvider(terminal));
	terminal.unicode.activeVersion = "wcwidth";
	const core = internalsOf(terminal);
	assert.ok(core);
	const handler = core._inputHandler as InputHandler & OfXtermJs;
	core.registerCsiHandler({ prefix: "?", final: "J" }, (parameters) =>
		inDefaultColours(handler, () => handler.eraseInDisplay(parameters, true)),
	);
	core.registerCsiHandler({ prefix: "?", final: "K" }, (parameters) =>
		inDefaultColours(handler, () => handler.eraseInLine(parameters, true)),
	);
	behaveAsXterm(terminal, core);
	terminal.parser.registerEscHandler({ intermediates: "#", final: "8" }, () => {
		const current = handler._curAttrData;
		handler._curAttrData = { ...current, fg: 0, bg: 0 };
		handler._activeBuffer.scrollTop = 0;
		handler._activeBuffer.scrollBottom = terminal.rows - 1;
		const done = handler.screenAlignmentPattern();
		handler._curAttrData = current;
		return done;
	});
	return terminal;
}

/** What is carried out instead of these is not used by the emulator. */
interface OfXtermJs {
	_curAttrData: { readonly fg: number; bg: number };
	eraseInDisplay(parameters: RawParameters, unprotectedOnly: boolean): boolean;
	eraseInLine(parameters: RawParameters, unprotectedOnly?: boolean): boolean;
	screenAlignmentPattern(): boolean;
}

/** False when xterm.js fails, as it does at `ERASE_TO_MARGIN`. */
function write(terminal: Terminal, text: string): boolean {
	terminal.input("", true);
	try {
		terminal.write(text);
		return true;
	} catch {
		return false;
	}
}

/** On an alternate screen that became lower while it was not shown xterm.js looks at a line that is not there. */
const ERASE_TO_MARGIN = "\x1b[?47h\x1b[2;2H\x1b[1J";

test("erases up to the margin of a lower alternate screen, where xterm.js fails", () => {
	const bare = bareTerminal({ columns: 2, rows: 2 });
	bare.resize(2, 1);
	assert.equal(write(bare, ERASE_TO_MARGIN), false);
	const emulator = new Emulator({ columns: 2, rows: 2, onReply: () => {} });
	emulator.resize(2, 1);
	emulator.write(Buffer.from(`${ERASE_TO_MARGIN}x`));
	assert.equal(emulator.snapshot().lines[0]?.textAt(1), "x");
});

const count = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(23, 24, 99));
const sequence = (finals: string, prefix = "") =>
	fc.tuple(count, fc.constantFrom(...finals)).map(([n, final]) => `\x1b[${prefix}${n}${final}`);
const piece = fc.oneof(
	{ weight: 4, arbitrary: sequence("LMST") },
	{ weight: 3, arbitrary: fc.constantFrom("x", "abc", "long text that wraps ".repeat(2), "漢字", "e\u0301") },
	{ weight: 2, arbitrary: fc.tuple(count, count).map(([row, column]) => `\x1b[${row};${column}H`) },
	{ weight: 2, arbitrary: fc.integer({ min: 0, max: 4 }).map((which) => `\x1b[${which}J`) },
	fc.integer({ min: 0, max: 3 }).map((which) => `\x1b[?${which}J`),
	fc.integer({ min: 0, max: 2 }).map((which) => `\x1b[${which}K`),
	fc.constantFrom("\r", "\n", "\t", "\b", "\x1bM", "\x1bD", "\x1bE", "\x1bH", "\x1b[g", "\x1b[3g"),
	fc.constantFrom("\x1b[41m", "\x1b[1;4;32m", "\x1b[m", "\x1b[48;2;1;2;3m", "\x1b[4:3m"),
	fc.constantFrom("\x1b[?6h", "\x1b[?6l", "\x1b[?7l", "\x1b[?7h", "\x1b[4h", "\x1b[4l"),
	fc.constantFrom("\x1b7", "\x1b8", "\x1bc", "\x1b[!p", "\x1b#8", '\x1b[1"q', '\x1b[0"q'),
	fc.constantFrom("\x1b[?47h", "\x1b[?47l", "\x1b[?1049h", "\x1b[?1049l"),
	fc.tuple(count, count).map(([top, bottom]) => `\x1b[${top};${bottom}r`),
	sequence("IZ"),
	sequence("ABCDEFG@PXd`ae"),
);
const size = fc.record<Resize>({
	columns: fc.integer({ min: 2, max: 30 }),
	rows: fc.integer({ min: 1, max: 12 }),
});
const step = fc.oneof(
	{ weight: 30, arbitrary: fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join("")) },
	{ weight: 1, arbitrary: size },
);

function assertAlike(screen: Screen, { buffer, cols, rows }: Terminal, after: string): void {
	const lines = new RowReader(buffer.active, cols).read(buffer.active, rows, []);
	for (const [row, line] of lines.entries()) {
		assert.ok(line.equals(screen.lines[row] ?? line), `row ${row} after ${after}`);
	}
	assert.equal(screen.cursorRow, buffer.active.cursorY);
	assert.equal(screen.cursorColumn, Math.min(buffer.active.cursorX, cols - 1));
}

test("leaves the screen and the cursor as xterm.js would", () => {
	fc.assert(
		fc.property(size, fc.array(step, { minLength: 1, maxLength: 12 }), (start, steps) => {
			const emulator = new Emulator({ ...start, onReply: () => {} });
			const bare = bareTerminal(start);
			// A terminal that is only resized has lines longer than the screen, which `Emulator` cuts.
			const grown = { ...start };
			// A hidden alternate screen keeps lines that do not fit when it becomes lower, and xterm.js then moves those too.
			const hides = steps.some((one) => typeof one === "string" && /\[\?(47|1049)/.test(one));
			// With any change of size xterm.js sets stops again that were cleared; ours, as xterm, does not (tab-stops.test.ts).
			const changesTabs = steps.some(
				(one) => typeof one === "string" && (one.includes("\x1bH") || /\[3?g/.test(one)),
			);
			for (const next of steps) {
				if (typeof next === "string") {
					emulator.write(Buffer.from(next));
					if (!write(bare, next)) {
						return;
					}
				} else if (!changesTabs) {
					grown.columns = Math.max(grown.columns, next.columns);
					const rows = hides ? start.rows : next.rows;
					emulator.resize(grown.columns, rows);
					bare.resize(grown.columns, rows);
				}
				assertAlike(emulator.snapshot(), bare, JSON.stringify(next));
			}
			emulator.dispose();
			bare.dispose();
		}),
		{ numRuns: 500 },
	);
});

/**
 * Repetitions as xterm.js makes them: no more than the columns, of characters of one column and outside of insert mode;
 * there are no others here. Rows are filled to the end, scrolled off and written over.
 */
const repeated = fc.oneof(
	{
		weight: 6,
		arbitrary: fc
			.tuple(fc.constantFrom("x", "ab", "é", "q", "\u2500", "漢x"), fc.integer({ min: 0, max: 16 }))
			.map(([text, n]) => `${text}\x1b[${n}b`),
	},
	{ weight: 2, arbitrary: fc.constant("x\x1b[16b".repeat(6)) },
	{ weight: 2, arbitrary: fc.tuple(count, count).map(([row, column]) => `\x1b[${row};${column}H`) },
	fc.constantFrom("漢字漢字漢字", "abc", "\r\n", "\n\n\n", "\x1bM", "\b", "\u0301", "漢", "\u{1f600}"),
	fc.constantFrom("\x1b[?7l", "\x1b[?7h", "\x1b(0", "\x1b(B", "\x1b[?47h", "\x1b[?47l", "\x1b7", "\x1b8"),
	fc.constantFrom("\x1b[41m", "\x1b[42m", "\x1b[4:3m", "\x1b[m", "\x1b[2;3r", "\x1b[1;2r", "\x1b[r"),
	fc.constantFrom(
		"\x1b#8",
		"\x1b[2J",
		"\x1b[J",
		"\x1b[1J",
		"\x1b[K",
		"\x1b[1K",
		"\x1b[S",
		"\x1b[T",
		"\x1b[L",
		"\x1b[M",
	),
	fc.constantFrom("\x1b[3@", "\x1b[3P", "\x1b[3X", "\x1b[I", "\x1bc", "\x1b[?6h", "\x1b[?6l"),
	// Not of the rows: an alternate screen that became lower while it was not shown scrolls wrongly in xterm.js.
	fc.integer({ min: 16, max: 40 }),
);

test("repeats a character as xterm.js would", () => {
	fc.assert(
		fc.property(
			fc.record<Resize>({ columns: fc.integer({ min: 16, max: 40 }), rows: fc.integer({ min: 1, max: 4 }) }),
			fc.array(fc.array(repeated, { minLength: 1, maxLength: 8 }), { maxLength: 8 }),
			(start, steps) => {
				const emulator = new Emulator({ ...start, onReply: () => {} });
				const bare = bareTerminal(start);
				let { columns } = start;
				for (const pieces of steps) {
					for (const next of pieces) {
						if (typeof next === "string") {
							emulator.write(Buffer.from(next));
							if (!write(bare, next)) {
								return;
							}
						} else {
							columns = Math.max(columns, next);
							emulator.resize(columns, start.rows);
							bare.resize(columns, start.rows);
						}
					}
					assertAlike(emulator.snapshot(), bare, JSON.stringify(pieces));
				}
				emulator.dispose();
				bare.dispose();
			},
		),
		{ numRuns: 1_000 },
	);
});

/** Of what a character with marks or of two columns is followed by, the stock emulator ignores it as well. */
for (const text of ["漢", "e\u0301"]) {
	test(`does not repeat ${JSON.stringify(text)}, as no terminfo entry asks for it`, () => {
		const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
		emulator.write(Buffer.from(text));
		const before = emulator.snapshot();
		emulator.write(Buffer.from("\x1b[3b"));
		assert.equal(emulator.snapshot(), before);
	});
}
