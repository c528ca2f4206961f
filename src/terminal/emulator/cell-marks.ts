/**
 * Bounds the marks of a cell as the client does, which ignores further ones. xterm.js keeps any number, and a flood of marks
 * would otherwise be spread over the cells after it.
 */
import { MAX_CELL_BYTES } from "../screen/row.js";
import { CELL, COMBINED_BIT, type Line } from "./internals.js";

/** In UTF-16 code units, which are one to three bytes each: what fits certainly, and what certainly is full. */
const CERTAINLY_FITS = 10;
const CERTAINLY_FULL = 32;

/** Classes of xterm.js already patched, which affects all of its terminals. */
const prepared = new WeakSet<object>();

/** Patches the class of `line`. */
export function limitMarks(line: Line): void {
	const lines = Object.getPrototypeOf(line) as Line;
	if (prepared.has(lines)) {
		return;
	}
	prepared.add(lines);
	const { addCodepointToCell } = lines;
	lines.addCodepointToCell = function (column, codePoint, width) {
		if (!isFull(this, column)) {
			addCodepointToCell.call(this, column, codePoint, width);
		}
	};
}

function isFull({ _data: data, _combined: combined }: Line, column: number): boolean {
	if (((data[column * CELL] ?? 0) & COMBINED_BIT) === 0) {
		return false;
	}
	const text = combined[column] ?? "";
	if (text.length <= CERTAINLY_FITS) {
		return false;
	}
	return text.length >= CERTAINLY_FULL || Buffer.byteLength(text) >= MAX_CELL_BYTES;
}
