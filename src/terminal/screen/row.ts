/** One immutable row of a screen: three words per cell, cheap to compare and to share between screens. */
import { EXTRA, type Extra, sameExtra } from "./rendition.js";

/** Words per cell: text, foreground, background (the latter two as in rendition.ts). A blank cell has only a background colour. */
export const CELL_WORDS = 3;

/** Text word: code point in bits 0-20 (0: blank), then these flags. */
export const CODE_POINT_MASK = 0x1fffff;
/** The cell's whole text is in `Row.combined`; the code point is its first. */
export const COMBINED = 1 << 21;
/** Two columns wide: the next cell is a spacer. */
export const WIDE = 1 << 22;
/** Hidden under the wide character to its left; its other words are 0. */
export const SPACER = 1 << 23;
/** A client's C library may assign the cell's text a different width (agreed-widths.ts). */
export const AMBIGUOUS = 1 << 24;

/** A cell of the client accepts marks until its text has this many bytes (protocol §5.5). */
export const MAX_CELL_BYTES = 32;

const NO_BACKGROUND = -1;

/** What of a row can be compared before it is one. */
export type Contents = Pick<Row, "cells" | "combined" | "extras">;

export class Row {
	/** Of the cells: rows that look alike have equal hashes. */
	readonly hash: number;
	/** Determined when first needed: a diff asks for that of every row, several times. */
	#background: number | typeof NO_BACKGROUND | undefined;

	/** `CELL_WORDS` words per column; must not be modified. */
	readonly cells: Uint32Array;

	/** Texts of more than one code point, by column. */
	readonly combined: ReadonlyMap<number, string> | undefined;

	/** The logical line continues in the next row, so that copying text joins the two. */
	readonly wraps: boolean;

	/** Of the cells whose background word has EXTRA, by column. */
	readonly extras: ReadonlyMap<number, Extra> | undefined;

	constructor(
		cells: Uint32Array,
		combined: ReadonlyMap<number, string> | undefined,
		wraps: boolean,
		hash = hashCells(cells),
		extras?: ReadonlyMap<number, Extra>,
	) {
		this.cells = cells;
		this.combined = combined;
		this.wraps = wraps;
		this.hash = hash;
		this.extras = extras;
	}

	/** The same but for `wraps`; this very row if that is so already. */
	wrapping(wraps: boolean): Row {
		return wraps === this.wraps ? this : new Row(this.cells, this.combined, wraps, this.hash, this.extras);
	}

	/** Its width. */
	get columns(): number {
		return this.cells.length / CELL_WORDS;
	}

	/** Text of a cell, which must be neither blank nor a spacer. */
	textAt(column: number): string {
		const word = this.cells[column * CELL_WORDS] ?? 0;
		const combined = word & COMBINED ? this.combined?.get(column) : undefined;
		return combined ?? String.fromCodePoint(word & CODE_POINT_MASK);
	}

	extraAt(column: number): Extra | undefined {
		const background = this.cells[column * CELL_WORDS + 2] ?? 0;
		return (background & EXTRA) === 0 ? undefined : this.extras?.get(column);
	}

	equals(other: Row): boolean {
		return this.wraps === other.wraps && this.looksLike(other);
	}

	/** Equal except possibly for `wraps`. */
	looksLike(other: Row): boolean {
		if (this === other) {
			return true;
		}
		return this.hash === other.hash && sameContents(this, other, this.wraps);
	}

	/** The background word of a row that is entirely blank with a single background, such as an erased one; otherwise undefined. */
	get background(): number | undefined {
		if (this.#background === undefined) {
			this.#background = backgroundOf(this.cells) ?? NO_BACKGROUND;
		}
		return this.wraps || this.#background === NO_BACKGROUND ? undefined : this.#background;
	}
}

function backgroundOf(cells: Uint32Array): number | undefined {
	const background = cells[2];
	for (let at = 0; at < cells.length; at += CELL_WORDS) {
		if (cells[at] !== 0 || cells[at + 2] !== background) {
			return undefined;
		}
	}
	return background;
}

/** A row of `columns` blank cells. */
export function blankRow(columns: number): Row {
	return new Row(new Uint32Array(columns * CELL_WORDS), undefined, false);
}

/** Compares a row with contents that are not in a `Row` (yet). */
export function sameContents(row: Row, { cells, combined, extras }: Contents, wraps: boolean): boolean {
	if (row.wraps !== wraps || row.cells.length !== cells.length || row.cells[0] !== cells[0]) {
		return false;
	}
	if (row.cells !== cells && !bytesOf(row.cells).equals(bytesOf(cells))) {
		return false;
	}
	return sameEntries(row.combined, combined, (a, b) => a === b) && sameEntries(row.extras, extras, sameExtra);
}

function sameEntries<Entry>(
	a: ReadonlyMap<number, Entry> | undefined,
	b: ReadonlyMap<number, Entry> | undefined,
	same: (a: Entry | undefined, b: Entry) => boolean,
): boolean {
	if (a === undefined || b === undefined) {
		return a === b;
	}
	if (a.size !== b.size) {
		return false;
	}
	for (const [column, entry] of b) {
		if (!same(a.get(column), entry)) {
			return false;
		}
	}
	return true;
}

/** Comparing these takes a tenth of the time for comparing words one by one. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Buffer {
	return Buffer.from(buffer, byteOffset, byteLength);
}

/** FNV-1a over words. */
export function hashCells(cells: Uint32Array): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < cells.length; index++) {
		hash = Math.imul(hash ^ (cells[index] ?? 0), 0x01000193);
	}
	return hash;
}
