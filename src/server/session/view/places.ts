/** Positions in the history, and the screen rows between them, independent of the width of lines and screen. */

import { Paragraph, type Row, type Tape } from "../../../terminal/index.js";

/** A cell of a line: stays the same when the screen gets another width. */
export interface Place {
	readonly line: number;
	readonly cell: number;
}

export function isBefore(a: Place, b: Place): boolean {
	return a.line < b.line || (a.line === b.line && a.cell < b.cell);
}

export function isSame(a: Place, b: Place): boolean {
	return a.line === b.line && a.cell === b.cell;
}

/** The same place, or the nearest one that is still there. */
export function kept(tape: Tape, place: Place): Place {
	if (place.line < tape.first) {
		return { line: tape.first, cell: 0 };
	}
	return place.line < tape.bottom ? place : { line: tape.bottom - 1, cell: 0 };
}

/** The beginning of the row that is so many rows further down (up if negative) than that of a place; the nearest there is. */
export function moved(tape: Tape, columns: number, place: Place, rows: number): Place {
	const { line, cell } = kept(tape, place);
	let paragraph = Paragraph.at(tape, line);
	let layout = paragraph.layout(columns);
	let index = layout.indexOf(paragraph.offsetOf(line, cell)) + rows;
	while (index < 0 && paragraph.from > tape.first) {
		paragraph = Paragraph.at(tape, paragraph.from - 1);
		layout = paragraph.layout(columns);
		index += layout.count;
	}
	while (index >= layout.count && paragraph.to < tape.bottom) {
		index -= layout.count;
		paragraph = Paragraph.at(tape, paragraph.to);
		layout = paragraph.layout(columns);
	}
	return paragraph.placeOf(layout.startOf(Math.max(0, Math.min(index, layout.count - 1))));
}

/** Up to `count` rows from that of a place on. @param marked of which the matches are marked */
export function rowsFrom(
	tape: Tape,
	columns: number,
	place: Place,
	count: number,
	marked?: RegExp,
): { readonly row: Row; readonly place: Place }[] {
	const rows: { readonly row: Row; readonly place: Place }[] = [];
	const { line, cell } = kept(tape, place);
	let paragraph = Paragraph.at(tape, line);
	let from = paragraph.offsetOf(line, cell);
	for (;;) {
		const layout = paragraph.layout(columns);
		const marks = marked === undefined ? [] : paragraph.find(marked);
		for (let index = layout.indexOf(from); index < layout.count && rows.length < count; index++) {
			rows.push({ row: layout.row(index, marks), place: paragraph.placeOf(layout.startOf(index)) });
		}
		if (rows.length >= count || paragraph.to >= tape.bottom) {
			return rows;
		}
		paragraph = Paragraph.at(tape, paragraph.to);
		from = 0;
	}
}
