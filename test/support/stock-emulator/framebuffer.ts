/** The drawing state: cells, cursor, modes, and the primitive edits every function is made of (protocol §5.4 to §5.7, §5.13). */

import { defaultRendition, type Rendition } from "./rendition.js";

/** `text` is empty for a cell never printed or erased. `wrapped` means something only in the last column. */
export interface Cell {
	readonly text: string;
	readonly wide: boolean;
	readonly wrapped: boolean;
	readonly rendition: Rendition;
}

interface SavedCursor {
	readonly row: number;
	readonly column: number;
	readonly rendition: Rendition;
	readonly autowrap: boolean;
	readonly origin: boolean;
}

const TAB_DISTANCE = 8;
const MAX_CELL_BYTES = 32;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

let created = 0;

export class Framebuffer {
	cells: Cell[][];
	/** Of each row: which creation of a row it goes back to. Those made by one sequence are one (protocol §5.10, step 6). */
	generations: number[];
	row = 0;
	column = 0;
	/** Where a combining mark goes: the last printed cell, or the cursor once it was moved. */
	private markRow = 0;
	private markColumn = 0;
	pendingWrap = false;
	rendition = defaultRendition;
	regionTop = 0;
	regionBottom: number;
	tabs: boolean[] = [];
	private extendTabs = true;
	saved: SavedCursor | undefined;
	autowrap = true;
	origin = false;
	insert = false;
	cursorVisible = true;
	reverseVideo = false;
	bracketedPaste = false;
	applicationCursorKeys = false;
	focusReports = false;
	alternateScroll = false;
	mouseMode = 0;
	mouseEncoding = 0;
	title = "";
	iconName = "";
	clipboard = "";
	bellCount = 0;

	columns: number;
	rows: number;

	constructor(columns: number, rows: number) {
		this.columns = columns;
		this.rows = rows;

		this.regionBottom = rows - 1;
		this.cells = Array.from({ length: rows }, () => this.blankRow());
		this.generations = this.newGenerations(rows);
		this.addTabs();
	}

	clone(): Framebuffer {
		const copy = Object.assign(new Framebuffer(1, 1), this);
		copy.cells = this.cells.map((row) => [...row]);
		copy.generations = [...this.generations];
		copy.tabs = [...this.tabs];
		return copy;
	}

	/** RIS: a fresh screen; the icon name and the bell count survive. */
	reset(): void {
		const { columns, rows, iconName, bellCount } = this;
		Object.assign(this, new Framebuffer(columns, rows), { iconName, bellCount });
	}

	softReset(): void {
		this.insert = false;
		this.origin = false;
		this.applicationCursorKeys = false;
		this.cursorVisible = true;
		this.rendition = defaultRendition;
		this.saved = undefined;
		this.fullRegion();
	}

	resize(columns: number, rows: number): void {
		if (columns !== this.columns) {
			this.cells = this.cells.map((row) =>
				row.map((cell) => (cell.wrapped ? { ...cell, wrapped: false } : cell)),
			);
		}
		this.columns = columns;
		this.rows = rows;
		this.cells.length = Math.min(this.cells.length, rows);
		this.generations.length = this.cells.length;
		this.generations.push(...this.newGenerations(rows - this.cells.length));
		for (const row of this.cells) {
			row.length = Math.min(row.length, columns);
			while (row.length < columns) {
				row.push(this.blankCell());
			}
		}
		while (this.cells.length < rows) {
			this.cells.push(this.blankRow());
		}
		this.fullRegion();
		this.addTabs();
		this.row = clamp(this.row, 0, rows - 1);
		this.column = clamp(this.column, 0, columns - 1);
		this.markRow = clamp(this.markRow, 0, rows - 1);
		this.markColumn = clamp(this.markColumn, 0, columns - 1);
	}

	/** The first row the cursor may be on, which is also what addressed rows count from. */
	get topLimit(): number {
		return this.origin ? this.regionTop : 0;
	}

	private get bottomLimit(): number {
		return this.origin ? this.regionBottom : this.rows - 1;
	}

	moveTo(row: number, column: number): void {
		this.row = clamp(row, this.topLimit, this.bottomLimit);
		this.column = clamp(column, 0, this.columns - 1);
		this.markRow = this.row;
		this.markColumn = this.column;
	}

	lineFeed(): void {
		if (this.row === this.regionBottom) {
			this.scrollUp(1);
		}
		this.moveTo(this.row + (this.row === this.regionBottom ? 0 : 1), this.column);
	}

	reverseLineFeed(): void {
		if (this.row === this.regionTop) {
			this.scrollDown(1);
		}
		this.moveTo(this.row - (this.row === this.regionTop ? 0 : 1), this.column);
	}

	scrollUp(count: number): void {
		this.deleteRows(this.regionTop, count);
	}

	scrollDown(count: number): void {
		this.insertRows(this.regionTop, count);
	}

	/** Opens `count` blank rows at `at`, pushing rows out at the region's bottom. */
	insertRows(at: number, count: number): void {
		const moved = clamp(count, 0, this.regionBottom - at + 1);
		this.cells.splice(this.regionBottom + 1 - moved, moved);
		this.cells.splice(at, 0, ...Array.from({ length: moved }, () => this.blankRow()));
		this.generations.splice(this.regionBottom + 1 - moved, moved);
		this.generations.splice(at, 0, ...this.newGenerations(moved));
	}

	/** Removes `count` rows at `at`, blank rows entering at the region's bottom. */
	deleteRows(at: number, count: number): void {
		const moved = clamp(count, 0, this.regionBottom - at + 1);
		this.cells.splice(at, moved);
		this.cells.splice(
			this.regionBottom + 1 - moved,
			0,
			...Array.from({ length: moved }, () => this.blankRow()),
		);
		this.generations.splice(at, moved);
		this.generations.splice(this.regionBottom + 1 - moved, 0, ...this.newGenerations(moved));
	}

	insertCells(count: number): void {
		const row = this.currentRow;
		const moved = clamp(count, 0, this.columns - this.column);
		row.splice(this.columns - moved, moved);
		row.splice(this.column, 0, ...Array.from({ length: moved }, () => this.blankCell()));
	}

	deleteCells(count: number): void {
		const row = this.currentRow;
		const moved = clamp(count, 0, this.columns - this.column);
		row.splice(this.column, moved);
		while (row.length < this.columns) {
			row.push(this.blankCell());
		}
	}

	/** Blanks columns `from` to `to`, both included, of one row, in the current background. */
	erase(row: number, from: number, to: number): void {
		this.cells[row]?.fill(this.blankCell(), from, Math.min(to + 1, this.columns));
	}

	/** Blanks whole rows, both ends included. */
	eraseRows(from: number, to: number): void {
		for (let row = from; row <= to; row++) {
			this.erase(row, 0, this.columns - 1);
			this.generations.splice(row, 1, ...this.newGenerations(1));
		}
	}

	fullRegion(): void {
		this.regionTop = 0;
		this.regionBottom = this.rows - 1;
	}

	nextTab(): number {
		const next = this.tabs.indexOf(true, this.column + 1);
		return next < 0 ? this.columns - 1 : next;
	}

	previousTab(): number {
		return this.column === 0 ? 0 : Math.max(0, this.tabs.lastIndexOf(true, this.column - 1));
	}

	clearAllTabs(): void {
		this.tabs.fill(false);
		this.extendTabs = false;
	}

	saveCursor(): void {
		const { row, column, rendition, autowrap, origin } = this;
		this.saved = { row, column, rendition, autowrap, origin };
	}

	restoreCursor(): void {
		const home = { row: 0, column: 0, rendition: defaultRendition, autowrap: true, origin: false };
		const { row, column, rendition, autowrap, origin } = this.saved ?? home;
		Object.assign(this, { rendition, autowrap, origin });
		this.moveTo(row, column);
	}

	/** Protocol §5.5. `width` is 1 or 2. */
	printCharacter(text: string, width: number): void {
		if (this.autowrap && this.pendingWrap) {
			this.wrap(true);
		}
		if (this.autowrap && width === 2 && this.column === this.columns - 1) {
			this.erase(this.row, this.column, this.column);
			this.wrap(false);
		}
		if (this.insert) {
			this.insertCells(width);
		}
		this.currentRow[this.column] = { text, wide: width === 2, wrapped: false, rendition: this.rendition };
		if (width === 2) {
			this.erase(this.row, this.column + 1, this.column + 1);
		}
		this.advance(width);
	}

	/** Adds a mark to the last printed cell; on an empty cell it becomes a printed NBSP with the mark. */
	combine(mark: string): void {
		const row = this.cells[this.markRow];
		const cell = row?.[this.markColumn];
		if (row === undefined || cell === undefined) {
			return;
		}
		if (Buffer.byteLength(cell.text) >= MAX_CELL_BYTES) {
			return;
		}
		const wasEmpty = cell.text === "";
		row[this.markColumn] = { ...cell, text: (wasEmpty ? "\u00a0" : cell.text) + mark };
		if (wasEmpty) {
			this.advance(1);
		}
	}

	private wrap(marked: boolean): void {
		const row = this.currentRow;
		const last = this.columns - 1;
		row[last] = { ...(row[last] ?? this.blankCell()), wrapped: marked };
		this.moveTo(this.row, 0);
		this.lineFeed();
	}

	/**
	 * Moves past a printed cell, which stays the one that marks attach to. Switching origin mode on may leave
	 * the cursor outside the region; it is drawn in by the next move, this one included (measured).
	 */
	private advance(width: number): void {
		this.markRow = this.row;
		this.markColumn = this.column;
		this.pendingWrap = this.column + width >= this.columns;
		this.column = Math.min(this.column + width, this.columns - 1);
		this.row = clamp(this.row, this.topLimit, this.bottomLimit);
	}

	private get currentRow(): Cell[] {
		return this.cells[this.row] ?? [];
	}

	private blankCell(): Cell {
		const background = this.rendition.background;
		return { text: "", wide: false, wrapped: false, rendition: { ...defaultRendition, background } };
	}

	private newGenerations(rows: number): number[] {
		created++;
		return new Array<number>(Math.max(0, rows)).fill(created);
	}

	private blankRow(): Cell[] {
		return new Array<Cell>(this.columns).fill(this.blankCell());
	}

	private addTabs(): void {
		this.tabs.length = Math.min(this.tabs.length, this.columns);
		for (let column = this.tabs.length; column < this.columns; column++) {
			this.tabs.push(this.extendTabs && column % TAB_DISTANCE === 0);
		}
	}
}
