/** The part of the history that fits on the screen, and how it scrolls. */

import type { Emulator, History } from "../../../terminal/index.js";
import { isBefore, isSame, type LinePosition, movedBy, rowsFrom } from "./line-position.js";

/** What the view has to know of the emulator. */
export type Shape = Pick<Emulator, "columns" | "rows" | "fullScreen">;

export class HistoryWindow {
	readonly #shape: Shape;
	readonly #history: History;

	constructor(shape: Shape, history: History) {
		this.#shape = shape;
		this.#history = history;
	}

	/** Without the bar, for which a screen of one row has no room. */
	get rows(): number {
		return Math.max(1, this.#shape.rows - 1);
	}

	/** One row of the page before stays. */
	get page(): number {
		return Math.max(1, this.rows - 1);
	}

	get oldest(): LinePosition {
		return { line: this.#history.first, cell: 0 };
	}

	/** Where the screen begins. */
	get live(): LinePosition {
		return this.moved({ line: this.#history.end, cell: 0 }, 0);
	}

	/** The row that is so many further down, up if negative; the nearest there is. */
	moved(top: LinePosition, rows: number): LinePosition {
		return movedBy(this.#history, this.#shape.columns, top, rows);
	}

	/** The top row for a position to be seen: as it is if possible, else with the position in the middle. */
	topFor(position: LinePosition, top: LinePosition): LinePosition {
		const row = this.moved(position, 0);
		const shown = rowsFrom(this.#history, this.#shape.columns, top, this.rows);
		if (shown.some((one) => isSame(one.position, row))) {
			return top;
		}
		const middle = this.moved(row, -(this.rows >> 1));
		const lowest = this.moved(this.endOf(this.#lastUsed), 1 - this.rows);
		const limit = isBefore(lowest, this.live) ? this.live : lowest;
		return isBefore(limit, middle) ? limit : middle;
	}

	endOf(line: number): LinePosition {
		return { line, cell: this.#history.row(line).columns };
	}

	/** The last line that is not blank. */
	get #lastUsed(): number {
		const { end, bottom } = this.#history;
		let line = bottom - 1;
		while (line > end && this.#history.row(line).background !== undefined) {
			line--;
		}
		return line;
	}
}
