/** Positions in the history, and the screen rows between them, independent of the width of lines and screen. */

import { type NumberedLines, Paragraph, type Row } from "../../../terminal/index.js";

/** A cell of a line: stays the same when the screen gets another width. */
export interface LinePosition {
	readonly line: number;
	readonly cell: number;
}

export function isBefore(a: LinePosition, b: LinePosition): boolean {
	return a.line < b.line || (a.line === b.line && a.cell < b.cell);
}

export function isSame(a: LinePosition, b: LinePosition): boolean {
	return a.line === b.line && a.cell === b.cell;
}

/** The same position, or the nearest one that is still there. */
export function nearestKept(lines: NumberedLines, position: LinePosition): LinePosition {
	if (position.line < lines.first) {
		return { line: lines.first, cell: 0 };
	}
	return position.line < lines.bottom ? position : { line: lines.bottom - 1, cell: 0 };
}

/** The beginning of the row that is so many rows further down (up if negative) than that of a position; the nearest there is. */
export function movedBy(
	lines: NumberedLines,
	columns: number,
	position: LinePosition,
	rows: number,
): LinePosition {
	const { line, cell } = nearestKept(lines, position);
	let paragraph = Paragraph.at(lines, line);
	let layout = paragraph.layout(columns);
	let index = layout.indexOf(paragraph.offsetOf(line, cell)) + rows;
	while (index < 0 && paragraph.from > lines.first) {
		paragraph = Paragraph.at(lines, paragraph.from - 1);
		layout = paragraph.layout(columns);
		index += layout.count;
	}
	while (index >= layout.count && paragraph.to < lines.bottom) {
		index -= layout.count;
		paragraph = Paragraph.at(lines, paragraph.to);
		layout = paragraph.layout(columns);
	}
	return paragraph.placeOf(layout.startOf(Math.max(0, Math.min(index, layout.count - 1))));
}

/** Up to `count` rows from that of a position on. @param marked of which the matches are marked */
export function rowsFrom(
	lines: NumberedLines,
	columns: number,
	position: LinePosition,
	count: number,
	marked?: RegExp,
): { readonly row: Row; readonly position: LinePosition }[] {
	const rows: { readonly row: Row; readonly position: LinePosition }[] = [];
	const { line, cell } = nearestKept(lines, position);
	let paragraph = Paragraph.at(lines, line);
	let from = paragraph.offsetOf(line, cell);
	for (;;) {
		const layout = paragraph.layout(columns);
		const marks = marked === undefined ? [] : paragraph.find(marked);
		for (let index = layout.indexOf(from); index < layout.count && rows.length < count; index++) {
			rows.push({ row: layout.row(index, marks), position: paragraph.placeOf(layout.startOf(index)) });
		}
		if (rows.length >= count || paragraph.to >= lines.bottom) {
			return rows;
		}
		paragraph = Paragraph.at(lines, paragraph.to);
		from = 0;
	}
}
