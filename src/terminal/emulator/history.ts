/**
 * The lines of the main screen as one tape: those that have left the screen at the top, then the screen. A line keeps its
 * number for ever, also when older ones are dropped. A line that leaves the screen is kept as it is and becomes a row only
 * when somebody reads it, so that a flood costs no more than without a history.
 */
import type { IBuffer } from "@xterm/headless";
import type { Extensions } from "../screen/extensions.js";
import type { Tape } from "../screen/paragraph.js";
import { AMBIGUOUS, type Row } from "../screen/row.js";
import {
	type Core,
	type KnownRow,
	type Line,
	type LineBuffer,
	type LineStore,
	lineOfRow,
} from "./internals.js";
import { RowReader } from "./row-reader.js";
import { isShared } from "./shared-lines.js";

/** Bytes that all lines may take, for each line asked for: 680 columns. Longer or costlier ones leave room for fewer. */
const BYTES_PER_LINE = 8 << 10;
/** Bytes that all lines may take, however many are asked for: 100,000 lines of 100 columns. */
const MAX_BYTES = 128 << 20;

const BYTES_PER_WORD = 4;
/** Measured: what a line takes beside its cells, and what a cell takes beside its words if it has several code points or a link. */
const LINE_BYTES = 550;
const SPECIAL_CELL_BYTES = 80;

/** A line that has been read. */
class Kept implements KnownRow {
	row: Row;
	readonly joins: boolean;
	/** It continues the line above. */
	readonly isWrapped: boolean;

	constructor({ row, joins }: KnownRow, isWrapped: boolean) {
		this.row = row;
		this.joins = joins;
		this.isWrapped = isWrapped;
	}
}

export interface HistoryOptions {
	/** Lines kept after they have left the screen, at least 1. */
	readonly lines: number;
	readonly core: Core;
	/** The main screen. */
	readonly view: IBuffer;
	readonly extensions: Extensions;
}

/** Line numbers count from the start of the session. Rows have the width that the screen had when they left it. */
export class History implements LineStore, Tape {
	readonly #options: HistoryOptions;
	readonly #maxBytes: number;
	/** Lines can have links or underlines of a special kind. */
	readonly #extended: boolean;
	/** Line n is at n modulo the number of lines kept. */
	readonly #entries: (Line | Kept | undefined)[] = [];
	readonly #costs: number[] = [];
	#first = 0;
	#end = 0;
	#bytes = 0;
	/** The line that all from `#sharedFrom` on are. */
	#shared: Line | undefined;
	#sharedFrom = 0;
	#reader: { readonly columns: number; readonly reader: RowReader } | undefined;

	constructor(options: HistoryOptions) {
		this.#options = options;
		this.#maxBytes = Math.min(options.lines * BYTES_PER_LINE, MAX_BYTES);
		this.#extended = options.extensions.size > 0;
		options.core._inputHandler.history = this;
	}

	/** The main screen, which a reset replaces by another. */
	get #screen(): LineBuffer {
		return this.#options.core._inputHandler._bufferService.buffers.normal;
	}

	/** The oldest line that can be read. */
	get first(): number {
		return this.#first;
	}

	/** How many lines have left the screen since the start: also the number of the line in the screen's top row. */
	get end(): number {
		return this.#end;
	}

	/** The number after that of the line in the screen's last row. */
	get bottom(): number {
		return this.#end + this.#screen._rows;
	}

	/** Of what is kept, as far as it can be known: at most 8 KiB for each line asked for, and 128 MiB. */
	get bytes(): number {
		return this.#bytes;
	}

	/**
	 * A line of the tape: the same object each time for a line that has left the screen, and the very row of a screen that
	 * showed it. Of the screen (from `end` on) it is the row as it is now, also while the alternate screen is shown.
	 * @throws RangeError if there is no such line, or no more
	 */
	row(line: number): Row {
		const known = this.#read(line);
		if (known === undefined) {
			throw new RangeError(`Line ${line} is not between ${this.#first} and ${this.bottom}.`);
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
		return this.#at(line) !== undefined && this.#at(line + 1)?.isWrapped === true;
	}

	/** Drops all lines that have left the screen. Numbers go on. */
	clear(): void {
		this.#shared = undefined;
		while (this.#first < this.#end) {
			this.#drop();
		}
	}

	take(line: Line): Line | undefined {
		if (isShared(line)) {
			this.takeShared(line, 1);
			return undefined;
		}
		if (line.known !== undefined) {
			return this.#keep(new Kept(line.known, line.isWrapped)) ?? line;
		}
		if (isFilled(line._combined) || (this.#extended && isFilled(line._extendedAttrs))) {
			// No number of bytes limits these in a line; as a row it has no more of them than a client shows.
			return this.#keep(new Kept(this.#readLine(line), line.isWrapped)) ?? line;
		}
		return this.#keep(line);
	}

	/** A few bytes scroll a whole screen of them away, so this is all that happens for each. */
	takeShared(line: Line, count: number): void {
		const { lines } = this.#options;
		if (line === this.#shared && this.#end - this.#sharedFrom >= lines) {
			// There is nothing else: only the numbers change.
			this.#first += count;
			this.#end += count;
			return;
		}
		if (line !== this.#shared) {
			this.#shared = line;
			this.#sharedFrom = this.#end;
		}
		const entries = this.#entries;
		const costs = this.#costs;
		let at = this.#end % lines;
		for (let left = count; left > 0; left--) {
			while (this.#bytes + LINE_BYTES > this.#maxBytes && this.#first < this.#end) {
				this.#drop();
			}
			if (this.#end - this.#first === lines) {
				this.#bytes -= costs[at] ?? 0;
				this.#first++;
			}
			entries[at] = line;
			costs[at] = LINE_BYTES;
			this.#bytes += LINE_BYTES;
			this.#end++;
			at = at + 1 === lines ? 0 : at + 1;
		}
	}

	/** Keeps the top `count` rows of the screen, which are about to be taken away and may be changed before. */
	takeRows(count: number): void {
		for (let row = 0; row < count; row++) {
			const line = lineOfRow(this.#screen, row);
			if (line !== undefined) {
				this.#keep(new Kept(line.known ?? this.#readLine(line), line.isWrapped));
			}
		}
	}

	/** Returns the last line dropped in exchange, if any was and is nobody else's. */
	#keep(entry: Line | Kept): Line | undefined {
		const cost = costOf(entry);
		const { lines } = this.#options;
		let free: Line | undefined;
		while (
			this.#end - this.#first === lines ||
			(this.#bytes + cost > this.#maxBytes && this.#first < this.#end)
		) {
			const dropped = this.#drop();
			free = dropped instanceof Kept || dropped === undefined || isShared(dropped) ? free : dropped;
		}
		const at = this.#end % lines;
		this.#shared = undefined;
		this.#entries[at] = entry;
		this.#costs[at] = cost;
		this.#bytes += cost;
		this.#end++;
		return free;
	}

	#drop(): Line | Kept | undefined {
		const at = this.#first % this.#options.lines;
		const entry = this.#entries[at];
		this.#entries[at] = undefined;
		this.#bytes -= this.#costs[at] ?? 0;
		this.#first++;
		return entry;
	}

	#at(line: number): Line | Kept | undefined {
		if (line >= this.#end) {
			return line < this.bottom ? lineOfRow(this.#screen, line - this.#end) : undefined;
		}
		return line >= this.#first ? this.#entries[line % this.#options.lines] : undefined;
	}

	/** What is read is kept instead of the line, unless many share that. */
	#read(line: number): KnownRow | undefined {
		const entry = this.#at(line);
		if (entry === undefined || entry instanceof Kept) {
			return entry;
		}
		const known = entry.known ?? this.#readLine(entry);
		if (line >= this.#end || isShared(entry)) {
			entry.known = known;
			return known;
		}
		const kept = new Kept(known, entry.isWrapped);
		const at = line % this.#options.lines;
		const cost = costOf(kept);
		this.#entries[at] = kept;
		this.#bytes += cost - (this.#costs[at] ?? 0);
		this.#costs[at] = cost;
		return kept;
	}

	#readLine(line: Line): KnownRow {
		const columns = line.length;
		if (this.#reader?.columns !== columns) {
			const { view, core, extensions } = this.#options;
			this.#reader = { columns, reader: new RowReader(view, columns, core, extensions) };
		}
		return this.#reader.reader.readOne(line);
	}
}

function isFilled(entries: object): boolean {
	for (const _ in entries) {
		return true;
	}
	return false;
}

function costOf(entry: Line | Kept): number {
	if (!(entry instanceof Kept)) {
		return LINE_BYTES + (isShared(entry) ? 0 : entry._data.length * BYTES_PER_WORD);
	}
	const { cells, combined, extras } = entry.row;
	let cost =
		LINE_BYTES + cells.byteLength + SPECIAL_CELL_BYTES * ((combined?.size ?? 0) + (extras?.size ?? 0));
	let last = "";
	for (const { link } of extras?.values() ?? []) {
		cost += link === last ? 0 : 2 * link.length;
		last = link;
	}
	return cost;
}
