/**
 * Every recorded vector: the program's output into our emulator, our diff to a client, and the client must show what
 * the stock server's emulator holds. Where ours differs it is listed with the reason and the screen it leads to.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blankScreen, Emulator } from "../../../src/terminal/index.js";
import { emulationVectors } from "../../support/emulation-vectors.js";
import {
	compareScreens,
	latentDifference,
	type ModelScreen,
	renderRendition,
	renderScreen,
	StockEmulator,
} from "../../support/stock-emulator/index.js";
import { verifiedDiff } from "../../support/verified-diff.js";

interface Deviation {
	readonly why: string;
	/** Text of the rows that have any, less spaces at the end. */
	readonly rows: Readonly<Record<number, string>>;
	/** 0-based row and column. */
	readonly cursor: readonly [number, number];
	readonly clipboard?: string;
	/** Renditions of the first cells of the first row, when that is what the vector is about. */
	readonly renditions?: readonly string[];
}

const full = "x".repeat(80);
const staysPending = (why: string): Deviation => ({ why, rows: { 0: full, 1: "Y" }, cursor: [1, 1] });
const notAWidth =
	"shown as U+FFFD, one column on every client, instead of dropped: a client's library may know it";
const understood = "xterm.js carries out what the stock emulator ignores";

const deviations: Readonly<Record<string, Deviation>> = {
	"wrap pending then unknown csi": staysPending("what does nothing does not cancel a wrap either"),
	"wrap pending then NUL": staysPending("what does nothing does not cancel a wrap either"),
	"wrap pending then DCS": staysPending("what does nothing does not cancel a wrap either"),
	"wrap pending then BEL": staysPending("a bell does not move the cursor"),
	"wrap pending then SM 4": staysPending("upstream bug: a mode cancels the wrap (protocol §5.4)"),
	"wrap pending then DECSC DECRC": staysPending("as in xterm, the pending wrap is saved and restored"),
	"wide at last col no autowrap": {
		why: "the character has no room; upstream's own client wraps it",
		rows: { 0: "x".repeat(79) },
		cursor: [0, 79],
	},
	"overwrite right half of wide": {
		why: "the new character shows instead of being hidden under the wide one",
		rows: { 0: " Xb" },
		cursor: [0, 2],
	},
	"unassigned cp": { why: notAWidth, rows: { 0: "a\ufffdb" }, cursor: [0, 3] },
	noncharacter: { why: notAWidth, rows: { 0: "a\ufffdb" }, cursor: [0, 3] },
	bom: { why: "limit of xterm.js: it drops U+FEFF, which is invisible", rows: { 0: "ab" }, cursor: [0, 2] },
	"CNL ignored": { why: understood, rows: { 0: "ab", 1: "c" }, cursor: [1, 1] },
	"CPL ignored": { why: understood, rows: { 1: "c", 2: "ab" }, cursor: [1, 1] },
	"HPR ignored": { why: understood, rows: { 0: "ab   X" }, cursor: [0, 6] },
	"VPR ignored": { why: understood, rows: { 0: "ab", 3: "  X" }, cursor: [3, 3] },
	"REP ignored": { why: understood, rows: { 0: "abbbbX" }, cursor: [0, 6] },
	"SCOSC SCORC ignored": { why: understood, rows: { 0: "abd", 4: "    c" }, cursor: [0, 3] },
	charset: { why: understood, rows: { 0: "───q" }, cursor: [0, 4] },
	"altscreen 1049": { why: understood, rows: { 0: "abcghi" }, cursor: [0, 6] },
	"altscreen 47": { why: understood, rows: { 0: "abc   ghi" }, cursor: [0, 9] },
	"csi param overflow": {
		why: "a huge count is clamped, not taken as 1",
		rows: { 0: `a${" ".repeat(78)}b` },
		cursor: [0, 79],
	},
	"csi long params": {
		why: "a long list of parameters is carried out as far as it is kept",
		rows: { 0: "b" },
		cursor: [0, 1],
		renditions: ["bold"],
	},
	"132 col": { why: "as in xterm, DECCOLM does nothing unless allowed", rows: { 0: "abc" }, cursor: [0, 3] },
	"132 off": { why: "as in xterm, DECCOLM does nothing unless allowed", rows: { 0: "abc" }, cursor: [0, 3] },
	DECSTR: {
		why: "setting origin mode moves home within the region, as on a VT",
		rows: { 4: "X" },
		cursor: [4, 1],
	},
	"delete line outside region": {
		why: "outside the region DL does nothing at all",
		rows: { 7: "zz" },
		cursor: [7, 2],
	},
	"sgr 21": {
		why: "double underline becomes underline",
		rows: { 0: "A" },
		cursor: [0, 1],
		renditions: ["bold underlined"],
	},
	"sgr colon": {
		why: "colours and underlines with colons are understood",
		rows: { 0: "AB" },
		cursor: [0, 2],
		renditions: ["fg=#010203", "underlined fg=#010203"],
	},
	"sgr 58": {
		why: "upstream bug: the colour of underlines taken for attributes (protocol §5.6)",
		rows: { 0: "A" },
		cursor: [0, 1],
		renditions: ["plain"],
	},
	"sgr 58;2": {
		why: "upstream bug: the colour of underlines taken for attributes (protocol §5.6)",
		rows: { 0: "A" },
		cursor: [0, 1],
		renditions: ["plain"],
	},
	"sgr truecolor short": {
		why: "a colour cut short is black where it is cut, not a list of attributes",
		rows: { 0: "A" },
		cursor: [0, 1],
		renditions: ["fg=#010200"],
	},
	"sgr 256 over": {
		why: "limit of xterm.js: an index beyond the palette wraps around",
		rows: { 0: "A" },
		cursor: [0, 1],
		renditions: ["fg=0"],
	},
	"osc 52 primary ignored": {
		why: "whatever selection a program names becomes the client's clipboard",
		rows: {},
		cursor: [0, 0],
		clipboard: "aGk=",
	},
	"osc 52 empty sel ignored": {
		why: "whatever selection a program names becomes the client's clipboard",
		rows: {},
		cursor: [0, 0],
		clipboard: "aGk=",
	},
	"osc cancelled by CAN": {
		why: "upstream bug: CAN carries out an OSC (protocol §5.3)",
		rows: { 0: "x" },
		cursor: [0, 1],
	},
};

function assertDeviation(screen: ModelScreen, { why, rows, cursor, clipboard, renditions }: Deviation): void {
	const texts = screen.lines.flatMap(({ cells }, row) => {
		const text = cells.map((cell) => cell.text).join("");
		return text.trimEnd() === "" ? [] : [[row, text.trimEnd()] as const];
	});
	assert.deepEqual(Object.fromEntries(texts), rows, why);
	assert.deepEqual([screen.cursor.row, screen.cursor.column], cursor, why);
	assert.equal(screen.clipboard, clipboard ?? "", why);
	for (const [column, rendition] of renditions?.entries() ?? []) {
		const cell = screen.lines[0]?.cells[column];
		assert.ok(cell !== undefined);
		assert.equal(renderRendition(cell.rendition), rendition, why);
	}
}

describe("our diff of the emulation vectors on a stock client", () => {
	const { width, height, cases } = emulationVectors;
	// One emulator each for all, as when they were recorded: the icon name survives RIS.
	const stock = new StockEmulator(width, height);
	const emulator = new Emulator({ columns: width, rows: height, onReply: () => {} });
	let ourBytes = 0;
	let stockBytes = 0;

	for (const vector of cases) {
		test(vector.name, () => {
			const start = Buffer.concat([Buffer.from("\x1bc"), Buffer.from(vector.base_hex ?? "", "hex")]);
			stock.write(start);
			emulator.write(start);
			const base = emulator.snapshot();
			const client = new StockEmulator(width, height);
			client.write(verifiedDiff(blankScreen(width, height), base));

			const input = Buffer.from(vector.input_hex, "hex");
			stock.write(input);
			emulator.write(input);
			const diff = verifiedDiff(base, emulator.snapshot());
			client.write(diff);

			const deviation = deviations[vector.name];
			const difference = compareScreens(stock.screen(), client.screen(), ["bellCount"]);
			if (deviation === undefined) {
				assert.equal(difference, undefined, `${difference}\n${renderScreen(client.screen())}`);
				ourBytes += diff.length;
				stockBytes += vector.hoststring_hex.length / 2;
			} else {
				assert.notEqual(difference, undefined, `no longer different: ${deviation.why}`);
				assertDeviation(client.screen(), deviation);
			}
			assert.equal(latentDifference(client.screen()), undefined);
			assert.deepEqual(client.replies, []);
			assert.equal(client.parserInGround, true);
		});
	}

	test("takes no more bytes than the stock server's", (context) => {
		context.diagnostic(`${ourBytes} bytes to stock's ${stockBytes}`);
		assert.ok(stockBytes > 0 && ourBytes <= stockBytes, `${ourBytes} bytes to stock's ${stockBytes}`);
	});

	test("deviates nowhere but in recorded vectors", () => {
		const names = new Set(cases.map(({ name }) => name));
		assert.deepEqual(
			Object.keys(deviations).filter((name) => !names.has(name)),
			[],
		);
	});
});
