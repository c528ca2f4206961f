import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type PaintedRow, RowRepeats } from "../../../src/terminal/diff/row-repeats.js";
import { BOLD, DEFAULT_RENDITION } from "../../../src/terminal/screen/rendition.js";
import { blankRow, Row } from "../../../src/terminal/screen/row.js";

const FROM = blankRow(3);
const TO = new Row(Uint32Array.of(0x61, 0, 0, 0, 0, 0, 0, 0, 0), undefined, false);
const START = { rowsAway: 1, column: 0, rendition: DEFAULT_RENDITION, wraps: false };
const PAINTED: PaintedRow = { from: FROM, to: TO, start: START, end: START, text: "\r\na" };

/** After these rows, the one that is repeated for another like the last. */
function repeatedAfter(rows: readonly PaintedRow[], start = START): PaintedRow | undefined {
	const repeats = new RowRepeats();
	for (const row of rows) {
		repeats.painted(row);
	}
	return repeats.repeated(FROM, TO, start);
}

describe("a row is repeated", () => {
	test("when two in a row were painted by the same text", () => {
		assert.equal(repeatedAfter([PAINTED]), undefined);
		assert.equal(repeatedAfter([PAINTED, PAINTED])?.text, "\r\na");
	});

	test("not when anything was different the second time", () => {
		for (const other of [
			{ text: "\x1b[5;1Ha" },
			{ text: undefined },
			{ to: FROM },
			{ start: { ...START, rowsAway: 2 } },
			{ end: { ...START, column: 1 } },
			{ end: { ...START, rendition: { foreground: BOLD, background: 0 } } },
			{ end: { ...START, wraps: true } },
		]) {
			assert.equal(repeatedAfter([PAINTED, { ...PAINTED, ...other }]), undefined, JSON.stringify(other));
		}
	});

	test("not when the painter is elsewhere, or the rows are others", () => {
		assert.equal(repeatedAfter([PAINTED, PAINTED], { ...START, column: 1 }), undefined);
		const repeats = new RowRepeats();
		repeats.painted(PAINTED);
		repeats.painted(PAINTED);
		assert.equal(repeats.isNext(FROM, TO), true);
		assert.equal(repeats.isNext(TO, FROM), false);
		assert.equal(repeats.repeated(TO, FROM, START), undefined);
	});

	test("when rows of two kinds take turns", () => {
		const other: PaintedRow = { ...PAINTED, from: TO, to: FROM, text: "\r\nb" };
		assert.equal(repeatedAfter([PAINTED, other, PAINTED, other])?.text, "\r\na");
		assert.equal(repeatedAfter([PAINTED, other, other]), undefined);
	});

	test("not across one that was left as it was", () => {
		const repeats = new RowRepeats();
		repeats.painted(PAINTED);
		repeats.painted(PAINTED);
		repeats.skipped();
		assert.equal(repeats.repeated(FROM, TO, START), undefined);
		assert.equal(repeats.isNext(FROM, TO), false);
		repeats.painted(PAINTED);
		assert.equal(repeats.repeated(FROM, TO, START), undefined);
	});
});
