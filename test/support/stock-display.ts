/**
 * How stock mosh-client 1.4.0 draws on a terminal without an alternate screen, as far as the terminal's own scrollback goes
 * (protocol §5.10, step 6), and what such a terminal keeps: written from the protocol alone.
 */

import type { Cell, Framebuffer } from "./stock-emulator/framebuffer.js";
import type { StockEmulator } from "./stock-emulator/index.js";

/** As the client compares them. */
export interface DrawnRow {
	readonly generation: number;
	readonly cells: readonly Cell[];
}

/** A character that was typed and is shown before the program has answered, underlined (protocol §8). */
export interface Prediction {
	readonly row: number;
	readonly column: number;
	readonly character: string;
}

export class StockDisplay {
	/** What has scrolled off the screen by line feeds at the bottom, the oldest first. */
	readonly scrollback: string[] = [];
	/** Of these, which go on in the next. */
	readonly #wrapped: boolean[] = [];
	/** Scrolls of a region, which some terminals do not save. */
	regionScrolls = 0;
	#rows: DrawnRow[] = [];
	#columns = 0;
	#cursorRow = 0;
	/** The user's window. */
	#height: number;

	constructor(height: number) {
		this.#height = height;
	}

	/** The user's window has another height: the terminal moves rows to its scrollback, or takes them back, by itself. */
	setHeight(height: number): void {
		for (let pushed = this.#cursorRow + 1 - height; pushed > 0; pushed--) {
			this.#save(this.#rows.shift());
		}
		if (height > this.#height) {
			this.scrollback.length = Math.max(0, this.scrollback.length - (height - this.#height));
			this.#wrapped.length = this.scrollback.length;
		}
		this.#height = height;
		// The client then clears the screen.
		this.#columns = 0;
	}

	/** The bar that tells of a silence lies over the top row until the next state is drawn. */
	showBar(): void {
		const top = this.#rows[0];
		if (top !== undefined) {
			const bar = "mosh: Last contact".padEnd(top.cells.length);
			const cells = top.cells.map((cell, column) => ({ ...cell, text: bar[column] ?? " " }));
			this.#rows[0] = { ...top, cells };
		}
	}

	draw({ framebuffer }: StockEmulator, predictions: readonly Prediction[] = []): void {
		const rows = withPredictions(rowsOf(framebuffer), predictions);
		if (framebuffer.columns === this.#columns && rows.length === this.#rows.length) {
			this.#scroll(rows);
		}
		this.#columns = framebuffer.columns;
		this.#rows = rows;
		this.#cursorRow = framebuffer.row;
	}

	get screen(): string[] {
		return this.#rows.map(textOf);
	}

	/** Everything: what has scrolled off, then the screen. */
	get lines(): string[] {
		return [...this.scrollback, ...this.screen];
	}

	/** What has scrolled off as it is copied: what goes on in the next row is one line. */
	get copied(): string[] {
		let whole = "";
		return this.scrollback.flatMap((text, index) => {
			whole += text;
			const line = this.#wrapped[index] ? [] : [whole];
			whole = line.length === 0 ? whole : "";
			return line;
		});
	}

	#scroll(rows: readonly DrawnRow[]): void {
		const moved = movedUp(this.#rows, rows);
		if (moved === undefined) {
			return;
		}
		const { up, height } = moved;
		if (up + height < rows.length || this.#cursorRow < rows.length - 1) {
			this.regionScrolls++;
			return;
		}
		for (let row = 0; row < up; row++) {
			this.#save(this.#rows[row]);
		}
	}

	#save(row: DrawnRow | undefined): void {
		if (row !== undefined) {
			this.scrollback.push(textOf(row));
			this.#wrapped.push(row.cells.at(-1)?.wrapped ?? false);
		}
	}
}

export function rowsOf({ cells, generations }: Readonly<Framebuffer>): DrawnRow[] {
	return cells.map((row, index) => ({ cells: row, generation: generations[index] ?? 0 }));
}

function withPredictions(rows: readonly DrawnRow[], predictions: readonly Prediction[]): DrawnRow[] {
	return rows.map((shown, index) => {
		const here = predictions.filter(({ row }) => row === index);
		const cells = shown.cells.map((cell, column) => {
			const predicted = here.find((prediction) => prediction.column === column);
			return predicted === undefined
				? cell
				: { ...cell, text: predicted.character, rendition: { ...cell.rendition, underlined: true } };
		});
		return here.length > 0 ? { ...shown, cells } : shown;
	});
}

/** By how many rows what is at the top now has moved up, and how many rows have moved with it (protocol §5.10, step 6). */
export function movedUp(
	before: readonly DrawnRow[],
	now: readonly DrawnRow[],
): { readonly up: number; readonly height: number } | undefined {
	const [top] = now;
	const up = before.findIndex((row) => top !== undefined && same(row, top));
	if (up <= 0) {
		return undefined;
	}
	let height = 1;
	while (height + up < now.length && same(before[height + up], now[height])) {
		height++;
	}
	return { up, height };
}

function same(a: DrawnRow | undefined, b: DrawnRow | undefined): boolean {
	return (
		a !== undefined &&
		b !== undefined &&
		a.generation === b.generation &&
		a.cells.every((cell, column) => sameCell(cell, b.cells[column]))
	);
}

export function sameCell(a: Cell, b: Cell | undefined): boolean {
	return (
		a === b ||
		(b !== undefined &&
			a.text === b.text &&
			a.wide === b.wide &&
			a.wrapped === b.wrapped &&
			JSON.stringify(a.rendition) === JSON.stringify(b.rendition))
	);
}

export function textOf({ cells }: DrawnRow): string {
	let text = "";
	for (const [column, cell] of cells.entries()) {
		text += cells[column - 1]?.wide ? "" : cell.text || " ";
	}
	return text.trimEnd();
}
