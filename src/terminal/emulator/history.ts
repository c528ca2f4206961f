/**
 * The lines of the main screen, numbered: those that have left the screen at the top, then the screen. A line keeps its
 * number for ever, also when older ones are dropped. A line that leaves the screen is packed and becomes a row only
 * when somebody reads it, so that a flood costs hardly more than without a history.
 */
import type { IBuffer } from "@xterm/headless";
import type { Extensions } from "../screen/extensions.js";
import type { NumberedLines } from "../screen/paragraph.js";
import { AMBIGUOUS, type Row } from "../screen/row.js";
import {
	type Core,
	type KnownRow,
	type Line,
	type LineBuffer,
	type LineStore,
	lineOfRow,
} from "./internals.js";
import { PackedLines } from "./packed-lines.js";
import { completeUnlessFull } from "./repeated-tail.js";
import { RowReader } from "./row-reader.js";
import { completeErase } from "./selective-erase.js";
import { isShared } from "./shared-lines.js";

/** Bytes that all lines may take, for each line asked for: 680 columns. Longer or costlier ones leave room for fewer. */
const BYTES_PER_LINE = 8 << 10;
/** Bytes that all lines may take, however many are asked for: 100,000 lines of 100 columns. */
const MAX_BYTES = 128 << 20;

/** Measured: what a row takes beside its cells, and what a cell takes beside its words if it has several code points or a link. */
const ROW_BYTES = 550;
const SPECIAL_CELL_BYTES = 80;

/** Rows that are not read again each time: those of a few screens. */
const MAX_KNOWN = 256;

export interface HistoryOptions {
	/** Lines kept after they have left the screen, at least 1. */
	readonly lines: number;
	readonly core: Core;
	/** The main screen. */
	readonly view: IBuffer;
	readonly extensions: Extensions;
}

/** Line numbers count from the start of the session. Rows have the width that the screen had when they left it. */
export class History implements LineStore, NumberedLines {
	readonly #options: HistoryOptions;
	readonly #maxBytes: number;
	readonly #packed: PackedLines;
	/** Of lines that cannot be packed, by number: there is no bound to what their cells have beside words. */
	readonly #special = new Map<number, KnownRow>();
	#specialBytes = 0;
	/** Of the lines last read, or shown when they left the screen. */
	readonly #known = new Map<number, KnownRow>();
	#reader: { readonly columns: number; readonly reader: RowReader } | undefined;
	#cleared = 0;

	constructor(options: HistoryOptions) {
		this.#options = options;
		this.#maxBytes = Math.min(options.lines * BYTES_PER_LINE, MAX_BYTES);
		this.#packed = new PackedLines(options.lines, (bytes) => this.#makeRoom(bytes));
		options.core._inputHandler.history = this;
	}

	/** The main screen, which a reset replaces by another. */
	get #screen(): LineBuffer {
		return this.#options.core._inputHandler._bufferService.buffers.normal;
	}

	/** The oldest line that can be read. */
	get first(): number {
		return this.#packed.first;
	}

	/** How many lines have left the screen since the start: also the number of the line in the screen's top row. */
	get end(): number {
		return this.#packed.end;
	}

	/** The number after that of the line in the screen's last row. */
	get bottom(): number {
		return this.end + this.#screen._rows;
	}

	/** Of what is kept, as far as it can be known: at most 8 KiB for each line asked for, and 128 MiB. */
	get bytes(): number {
		return this.#packed.bytes + this.#specialBytes;
	}

	/**
	 * A line: of those that have left the screen, the same object as long as few others were read, and the very row of
	 * a screen that showed it last. Of the screen (from `end` on) it is the row as it is now, also while the alternate screen is shown.
	 * @throws RangeError if there is no such line, or no more
	 */
	row(line: number): Row {
		const known = this.#read(line);
		if (known === undefined) {
			throw new RangeError(`Line ${line} is not between ${this.first} and ${this.bottom}.`);
		}
		const next = known.joins && this.continues(line) ? this.#read(line + 1) : undefined;
		const wraps = next !== undefined && ((next.row.cells[0] ?? 0) & AMBIGUOUS) === 0;
		known.row = known.row.wrapping(wraps);
		return known.row;
	}

	/** The lines from `from` up to but not including `to`, as `row` returns them. */
	rows(from: number, to: number): Row[] {
		return Array.from({ length: Math.max(0, to - from) }, (_, index) => this.row(from + index));
	}

	/** Whether the program's text goes on in the next line without a line break; unlike `Row.wraps`, whatever clients can show. */
	continues(line: number): boolean {
		const next = line + 1;
		if (line < this.first || next >= this.bottom) {
			return false;
		}
		return next < this.end ? this.#packed.isWrapped(next) : this.#onScreen(next)?.isWrapped === true;
	}

	/** All lines before this one were dropped by `clear`. */
	get cleared(): number {
		return this.#cleared;
	}

	/** Drops all lines that have left the screen. Numbers go on. */
	clear(): void {
		this.#cleared = this.end;
		this.#packed.dropBefore(this.end);
		this.#dropSpecial();
	}

	take(line: Line): void {
		if (isShared(line)) {
			this.takeShared(line, 1);
			return;
		}
		if (line.known !== undefined) {
			this.#remember(this.end, line.known);
		}
		if (line.erasedTo !== undefined) {
			completeErase(line);
		}
		completeUnlessFull(line);
		const { repeatedTail: tail } = line;
		if (!this.#packed.append(line, tail?.from ?? line.blankFrom ?? line.length, tail !== undefined)) {
			this.#takeSpecial(line);
		}
	}

	/** A few bytes scroll a whole screen of them away: that takes no longer than a single one. */
	takeShared(line: Line, count: number): void {
		this.#packed.appendSeveral(line, count);
	}

	/** Keeps the top `count` rows of the screen, which are about to be taken away. */
	takeRows(count: number): void {
		for (let row = 0; row < count; row++) {
			const line = lineOfRow(this.#screen, row);
			if (line !== undefined) {
				this.take(line);
			}
		}
	}

	/** As a row, a line has no more in its cells than a client shows. */
	#takeSpecial(line: Line): void {
		const { row, joins } = line.known ?? this.#readLine(line);
		const cost = costOf(row);
		this.#makeRoom(cost);
		this.#special.set(this.end, { row, joins });
		this.#specialBytes += cost;
		this.#packed.append(line, 0, false);
	}

	/** For so many more bytes. */
	#makeRoom(bytes: number): void {
		this.#dropSpecial();
		while (this.bytes + bytes > this.#maxBytes && this.first < this.end) {
			this.#packed.dropBefore(this.first + 1);
			this.#dropSpecial();
		}
	}

	#dropSpecial(): void {
		for (const [line, { row }] of this.#special) {
			if (line >= this.first) {
				return;
			}
			this.#specialBytes -= costOf(row);
			this.#special.delete(line);
		}
	}

	#onScreen(line: number): Line | undefined {
		return lineOfRow(this.#screen, line - this.end);
	}

	#read(line: number): KnownRow | undefined {
		if (line < this.first || line >= this.bottom) {
			return undefined;
		}
		if (line >= this.end) {
			const shown = this.#onScreen(line);
			if (shown !== undefined) {
				shown.known ??= this.#readLine(shown);
			}
			return shown?.known;
		}
		const known = this.#special.get(line) ?? this.#known.get(line);
		if (known !== undefined) {
			return known;
		}
		const { words, columns } = this.#packed.read(line);
		return this.#remember(line, this.#readerFor(columns).readPacked(words));
	}

	#remember(line: number, { row, joins }: KnownRow): KnownRow {
		if (this.#known.size === MAX_KNOWN) {
			this.#known.delete(this.#known.keys().next().value as number);
		}
		const known = { row, joins };
		this.#known.set(line, known);
		return known;
	}

	#readLine(line: Line): KnownRow {
		return this.#readerFor(line.length).readOne(line);
	}

	#readerFor(columns: number): RowReader {
		if (this.#reader?.columns !== columns) {
			const { view, core, extensions } = this.#options;
			this.#reader = { columns, reader: new RowReader(view, columns, core, extensions) };
		}
		return this.#reader.reader;
	}
}

function costOf({ cells, combined, extras }: Row): number {
	let cost =
		ROW_BYTES + cells.byteLength + SPECIAL_CELL_BYTES * ((combined?.size ?? 0) + (extras?.size ?? 0));
	let last = "";
	for (const { link } of extras?.values() ?? []) {
		cost += link === last ? 0 : 2 * link.length;
		last = link;
	}
	return cost;
}
