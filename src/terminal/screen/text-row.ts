/** A row of plain text, for what the server itself has to say on a screen. */

import type { Rendition } from "./rendition.js";
import { AMBIGUOUS, CELL_WORDS, Row, SPACER, WIDE } from "./row.js";
import { codePointWidth, hasAmbiguousWidth } from "./width.js";

const SPACE = 0x20;
const REPLACEMENT_CHARACTER = 0xfffd;

/** As much of `text` as there is room for; marks are left out, and what has no width is replaced. */
export function textRow(columns: number, text: string, { foreground, background }: Rendition): Row {
	const cells = new Uint32Array(columns * CELL_WORDS);
	let column = 0;
	const put = (word: number): void => {
		// As the emulator has it: without a foreground a space is a blank.
		const text = word === SPACE && foreground === 0 ? 0 : word;
		cells.set(text === SPACER ? [text, 0, 0] : [text, foreground, background], column * CELL_WORDS);
		column++;
	};
	for (const character of text) {
		const codePoint = character.codePointAt(0) ?? SPACE;
		const width = codePointWidth(codePoint);
		if (width === 0) {
			continue;
		}
		if (column + Math.max(1, width) > columns) {
			break;
		}
		if (width < 0) {
			put(REPLACEMENT_CHARACTER);
			continue;
		}
		put(codePoint | (width === 2 ? WIDE : 0) | (hasAmbiguousWidth(codePoint) ? AMBIGUOUS : 0));
		if (width === 2) {
			put(SPACER);
		}
	}
	while (column < columns) {
		put(SPACE);
	}
	return new Row(cells, undefined, false);
}

/** Columns that `textRow` uses for a text that has room. */
export function textWidth(text: string): number {
	let width = 0;
	for (const character of text) {
		width += Math.abs(codePointWidth(character.codePointAt(0) ?? SPACE));
	}
	return width;
}
