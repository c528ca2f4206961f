/**
 * Rows alike, one below the other, are painted alike: floods fill the largest screen with them, which otherwise takes 100 ms.
 * What has been printed for two rows in a row, the same both times, is printed for the next ones without looking at their
 * cells. It names no row then, since it would have named another one the second time.
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

export class RowRepeats {
	#last: PaintedRow | undefined;
	#confirmed = false;

	/** The row painted last if what was printed for it can be printed for this one. */
	repeated(from: Row, to: Row, start: PainterState): PaintedRow | undefined {
		const last = this.#last;
		return this.#confirmed && last !== undefined && this.isNext(from, to) && sameState(last.start, start)
			? last
			: undefined;
	}

	/** Whether the row is like the one before, so that what is printed for it should be noted. */
	isNext(from: Row, to: Row): boolean {
		return this.#last?.from === from && this.#last.to === to;
	}

	/** A row has been painted, the one below the last if there is one. */
	painted(row: PaintedRow): void {
		const last = this.#last;
		this.#confirmed =
			last !== undefined &&
			this.isNext(row.from, row.to) &&
			row.text !== undefined &&
			row.text === last.text &&
			sameState(row.start, last.start) &&
			sameState(row.end, last.end);
		this.#last = row;
	}

	/** A row has been left as it is. */
	skipped(): void {
		this.#last = undefined;
		this.#confirmed = false;
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
