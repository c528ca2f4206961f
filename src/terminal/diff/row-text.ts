/** A row as text with or without its colours, for what is not a client. */

import { lengthOf } from "../screen/paragraph.js";
import { DEFAULT_RENDITION, type Rendition } from "../screen/rendition.js";
import { CELL_WORDS, type Row, SPACER } from "../screen/row.js";
import { renditionSequence } from "./rendition-sequence.js";

/**
 * Without blanks at its end.
 * @param goesOn in the next row: then blanks at the end that were printed stay
 * @param colours with SGR sequences, which end with the row; what does not fit into words of a cell is left out
 */
export function rowText(row: Row, goesOn: boolean, colours: boolean): string {
	const length = lengthOf(row, !goesOn);
	let rendition: Rendition = DEFAULT_RENDITION;
	let text = "";
	for (let column = 0; column < length; column++) {
		const at = column * CELL_WORDS;
		const word = row.cells[at] ?? 0;
		if ((word & SPACER) !== 0) {
			continue;
		}
		if (colours) {
			const next = { foreground: row.cells[at + 1] ?? 0, background: row.cells[at + 2] ?? 0 };
			text += renditionSequence(rendition, next);
			rendition = next;
		}
		text += word === 0 ? " " : row.textAt(column);
	}
	return text + renditionSequence(rendition, DEFAULT_RENDITION);
}
