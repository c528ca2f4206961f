/** A screen as a terminal of another size can show it: cut off or padded, since only the program could lay it out anew. */

import { FOREGROUND_COLOUR_MASK } from "./rendition.js";
import { blankRow, CELL_WORDS, Row, WIDE } from "./row.js";
import { clampSize, type Screen } from "./screen.js";

/** Shows the first columns, and the last rows up to the cursor's where there are too many. The same object if it fits as it is. */
export function fitted(screen: Screen, columns: number, rows: number): Screen {
	const size = clampSize(columns, rows);
	if (size.columns === screen.columns && size.rows === screen.rows) {
		return screen;
	}
	const top = Math.max(0, screen.cursorRow - size.rows + 1);
	const blank = blankRow(size.columns);
	const lines = Array.from({ length: size.rows }, (_, row) => {
		const line = screen.lines[top + row];
		return line === undefined ? blank : fittedRow(line, size.columns);
	});
	return {
		...screen,
		...size,
		lines,
		cursorRow: screen.cursorRow - top,
		cursorColumn: Math.min(screen.cursorColumn, size.columns - 1),
		cursorVisible: screen.cursorVisible && screen.cursorColumn < size.columns,
	};
}

/** Rows are shared by screens: what was fitted once is found again, for the width asked for last. */
const known = new WeakMap<Row, Row>();

/** A row as a screen of another width can show it. */
export function fittedRow(row: Row, columns: number): Row {
	const words = columns * CELL_WORDS;
	if (row.cells.length === words) {
		return row;
	}
	const before = known.get(row);
	if (before?.cells.length === words) {
		return before;
	}
	const cells = new Uint32Array(words);
	cells.set(row.cells.subarray(0, words));
	const last = words - CELL_WORDS;
	if (words < row.cells.length && ((cells[last] ?? 0) & WIDE) !== 0) {
		// The other half of the character is cut off.
		cells.set([0, 0, (cells[last + 2] ?? 0) & FOREGROUND_COLOUR_MASK], last);
	}
	const isInside = ([column]: readonly [number, unknown]): boolean =>
		column < columns && cells[column * CELL_WORDS] !== 0;
	const within = <Entry>(entries: ReadonlyMap<number, Entry> | undefined) => {
		const kept = [...(entries ?? [])].filter(isInside);
		return kept.length === 0 ? undefined : new Map(kept);
	};
	const fit = new Row(cells, within(row.combined), false, undefined, within(row.extras));
	known.set(row, fit);
	return fit;
}
