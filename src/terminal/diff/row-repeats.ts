/**
 * Rows alike are painted alike: floods fill the largest screen with a few kinds of them, which otherwise takes 100 ms. What has
 * been printed for two rows, the same both times, is printed for those below without looking at their cells. It names no row
 * then, since it would have named another one the second time.
 */
import { type Rendition, sameRendition } from "../screen/rendition.js";
import type { Row } from "../screen/row.js";

/** Where painting a row starts or ends, relative to that row. */
export interface PainterState {
	readonly rowsAway: number;
	readonly column: number;
	readonly rendition: Rendition;
	readonly wraps: boolean;
}

export interface PaintedRow {
	readonly from: Row;
	readonly to: Row;
	readonly start: PainterState;
	readonly end: PainterState;
	/** Undefined if it was not noted. */
	readonly text: string | undefined;
}

/** So many different rows are remembered: floods take turns with a few. */
const MAX_REMEMBERED = 4;

export class RowRepeats {
	/** The row last painted of each kind, and whether it was painted like the one before of its kind. */
	#rows: { readonly row: PaintedRow; readonly confirmed: boolean }[] = [];

	/** A row painted before if what was printed for it can be printed for this one. */
	repeated(from: Row, to: Row, start: PainterState): PaintedRow | undefined {
		const known = this.#rows[this.#indexOf(from, to)];
		return known?.confirmed && sameState(known.row.start, start) ? known.row : undefined;
	}

	/** Whether the row is like one before, so that what is printed for it should be noted. */
	isNext(from: Row, to: Row): boolean {
		return this.#indexOf(from, to) >= 0;
	}

	/** A row has been painted, the one below the last if there is one. */
	painted(row: PaintedRow): void {
		const index = this.#indexOf(row.from, row.to);
		const last = this.#rows[index]?.row;
		const confirmed =
			last !== undefined &&
			row.text !== undefined &&
			row.text === last.text &&
			sameState(row.start, last.start) &&
			sameState(row.end, last.end);
		if (index >= 0) {
			this.#rows[index] = { row, confirmed };
			return;
		}
		if (this.#rows.length === MAX_REMEMBERED) {
			this.#rows.shift();
		}
		this.#rows.push({ row, confirmed });
	}

	/** A row has been left as it is. */
	skipped(): void {
		if (this.#rows.length > 0) {
			this.#rows = [];
		}
	}

	#indexOf(from: Row, to: Row): number {
		return this.#rows.findIndex(({ row }) => row.from === from && row.to === to);
	}
}

function sameState(a: PainterState, b: PainterState): boolean {
	return (
		a.rowsAway === b.rowsAway &&
		a.column === b.column &&
		a.wraps === b.wraps &&
		sameRendition(a.rendition, b.rendition)
	);
}
