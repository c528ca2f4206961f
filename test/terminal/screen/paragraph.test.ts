/** Lines that belong together, broken into rows anew and searched as a whole. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emulator, type History } from "../../../src/terminal/index.js";
import { Paragraph } from "../../../src/terminal/screen/paragraph.js";
import { textOf } from "../../support/row-text.js";

function historyOf(output: string, columns = 10): History {
	const emulator = new Emulator({ columns, rows: 4, historyLines: 1_000, onReply: () => {} });
	emulator.write(Buffer.from(output));
	assert.ok(emulator.history);
	return emulator.history;
}

/** Rows of the paragraph that begins with the first line, and which of them go on for the client. */
function laidOut(history: History, columns: number): { readonly texts: string[]; readonly wraps: boolean[] } {
	const layout = Paragraph.at(history, 0).layout(columns);
	const rows = Array.from({ length: layout.count }, (_, index) => layout.row(index, []));
	return { texts: rows.map(textOf), wraps: rows.map(({ wraps }) => wraps) };
}

describe("a paragraph", () => {
	test("is broken for a narrower and for a wider screen", () => {
		const history = historyOf("0123456789abcdef\r\nother");
		assert.deepEqual(laidOut(history, 4), {
			texts: ["0123", "4567", "89ab", "cdef"],
			wraps: [true, true, true, false],
		});
		assert.deepEqual(laidOut(history, 16).texts, ["0123456789abcdef"]);
		assert.equal(Paragraph.at(history, 1).to, 2);
		assert.equal(Paragraph.at(history, 2).from, 2);
	});

	test("consists of the very rows where the width is theirs", () => {
		const history = historyOf("0123456789abcdef");
		assert.equal(Paragraph.at(history, 1).layout(10).row(1, []), history.row(1));
	});

	test("keeps wide characters whole, and leaves no gap where one did not fit", () => {
		const history = historyOf(`${"x".repeat(9)}漢字`);
		assert.deepEqual(laidOut(history, 20).texts, [`${"x".repeat(9)}漢字`]);
		assert.deepEqual(laidOut(history, 12), { texts: [`${"x".repeat(9)}漢`, "字"], wraps: [false, false] });
		assert.deepEqual(laidOut(history, 2).texts.slice(-3), ["x", "漢", "字"]);
	});

	test("keeps blanks that were printed at the edge", () => {
		assert.deepEqual(laidOut(historyOf("one two   three"), 20).texts, ["one two   three"]);
	});

	test("does not have a client wrap after or before a character of uncertain width", () => {
		const history = historyOf("abc\ue0b0\ue0b1\ue0b2defghi");
		assert.deepEqual(laidOut(history, 4).wraps, [false, true, false]);
		assert.deepEqual(laidOut(history, 3).wraps, [false, false, true, false]);
	});

	test("keeps colours, marks and their places", () => {
		const history = historyOf("\x1b[31m01234567e\u0301\x1b[44m漢字\x1b[m");
		const layout = Paragraph.at(history, 0).layout(5);
		const [, second, third] = [0, 1, 2].map((index) => layout.row(index, []));
		assert.equal(second?.textAt(3), "e\u0301");
		assert.equal(second?.cells[3 * 3 + 1], history.row(0).cells[3 * 8 + 1]);
		assert.equal(third?.textAt(0), "漢");
		assert.equal(third?.cells[2], history.row(1).cells[2]);
	});

	test("is searched across its rows, in cells", () => {
		const history = historyOf("漢字e\u0301abcdefgh");
		const spans = Paragraph.at(history, 0).find(/e\u0301a|efg/gu);
		assert.deepEqual(spans, [
			{ from: 4, to: 6 },
			{ from: 9, to: 12 },
		]);
		const layout = Paragraph.at(history, 0).layout(10);
		assert.notEqual(layout.row(0, spans), history.row(0));
		assert.ok(layout.row(1, [{ from: 11, to: 12 }]).cells[3 + 1] !== 0);
	});

	test("ends somewhere, also where there is no line break", () => {
		const history = historyOf("x".repeat(10 * 600));
		const { from, to } = Paragraph.at(history, 300);
		assert.deepEqual([from, to], [256, 512]);
	});
});
