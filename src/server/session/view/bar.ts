/** The last row of the history view: position and keys, or the search prompt. */

import { INVERSE, type Row, textRow, textWidth } from "../../../terminal/index.js";

const RENDITION = { foreground: INVERSE, background: 0 };
const KEYS = "PgUp PgDn Home End / ? n N, q: back ";

export interface Position {
	/** 1 is the oldest line. */
	readonly line: number;
	readonly lines: number;
	/** Since the view was opened. */
	readonly newLines: number;
	/** What the last search came to, if there is something to say. */
	readonly note: string;
}

export function positionBar(columns: number, { line, lines, newLines, note }: Position): Row {
	const more = newLines > 0 ? `, ${newLines} new` : "";
	const left = ` History: line ${line} of ${lines}${more}${note === "" ? "" : ` (${note})`} `;
	const gap = columns - left.length - KEYS.length;
	return textRow(columns, gap >= 0 ? `${left}${" ".repeat(gap)}${KEYS}` : left, RENDITION);
}

/** The bar while a search is typed, and the column of its cursor. Of a long text it shows the end. */
export function promptBar(
	columns: number,
	sign: "/" | "?",
	text: string,
	note: string,
): { readonly row: Row; readonly cursor: number } {
	let shown = text;
	while (shown !== "" && textWidth(shown) + 2 > columns) {
		shown = shown.slice((shown.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
	}
	const cursor = Math.min(columns - 1, 1 + textWidth(shown));
	return { row: textRow(columns, `${sign}${shown}${note === "" ? "" : `   (${note})`}`, RENDITION), cursor };
}
