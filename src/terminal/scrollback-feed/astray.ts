/**
 * What a client's terminal has in its scrollback after its window got another size while states were under way. A stock client
 * goes on to draw them for the size before (protocol §5.13), and nothing tells the server between which two of them the window
 * changed. So all possible orders are tried on a model of a terminal: what it has in each of them need not be told again.
 */
import { fittedRow } from "../screen/fit.js";
import type { NumberedLines } from "../screen/paragraph.js";
import { CELL_WORDS, type Row } from "../screen/row.js";
import { isSameSize } from "../screen/screen.js";
import type { FedScreen, Resized } from "./position.js";

type KnownLines = Pick<NumberedLines, "first" | "bottom" | "row">;

/** Cells that are compared, and strokes and rows that are tried, at most: some 10 ms' worth each. Only a flood takes more. */
const MAX_CELLS = 1_000_000;
const MAX_TRIED = 200_000;
/** So many rows down to column 0, the client moves by line feeds, which scroll at the bottom of the window (protocol §5.10, step 7). */
const FEEDS_MAX = 4;

/**
 * The first line that a terminal may not have in its scrollback. Undefined if there are too many orders to be tried, or if lines
 * were being left out.
 */
export function firstMissingLine(
	{ shown, certain, changes }: Resized,
	lines: KnownLines,
): number | undefined {
	if (shown.some(({ position: { phase, marker } }) => phase !== "lines" || marker !== undefined)) {
		return undefined;
	}
	const cells = shown.reduce((sum, { screen: { columns, rows } }) => sum + columns * rows, 0);
	if (cells > MAX_CELLS) {
		return undefined;
	}
	// Of none, if what is said of the order contradicts itself.
	let [first, tried] = [Number.POSITIVE_INFINITY, 0];
	const compared = new Map<Shown, boolean>();
	const isKept = (shown: Shown): boolean => {
		const known = compared.get(shown) ?? isAsKept(shown, lines);
		compared.set(shown, known);
		return known;
	};
	const drawings = new Map<FedScreen, readonly Stroke[]>();
	/** A screen of another size does not depend on the one before: the client clears its terminal for it. */
	const strokesTo = (from: FedScreen, to: FedScreen): readonly Stroke[] => {
		const strokes = drawings.get(to) ?? drawing(from, to);
		drawings.set(to, strokes);
		return strokes;
	};
	/** From where the state `at` has been drawn and so many changes have happened. False if that takes too long. */
	const follow = (at: number, changed: number, terminal: Terminal): boolean => {
		const change = changes[changed];
		if (change === undefined && at >= certain) {
			tried += terminal.size;
			first = Math.min(first, terminal.firstMissing(isKept));
		}
		if (change !== undefined && at >= change.earliest) {
			tried += terminal.size;
			const next = terminal.copy();
			next.resize(change.columns, change.rows);
			if (!follow(at, changed + 1, next)) {
				return false;
			}
		}
		const [next, ...others] = nextAfter(shown, at).filter(
			(to) => change === undefined || to <= change.latest,
		);
		return (
			others.every((to) => draw(at, to, changed, terminal.copy())) &&
			(next === undefined || draw(at, next, changed, terminal))
		);
	};
	const draw = (at: number, to: number, changed: number, terminal: Terminal): boolean => {
		const [from, drawn] = [shown[at] as FedScreen, shown[to] as FedScreen];
		if (changed === 0) {
			// Before the first change, each state is shown as it is meant.
			return follow(to, 0, Terminal.showing(drawn));
		}
		const strokes = strokesTo(from, drawn);
		tried += strokes.length;
		for (const stroke of strokes) {
			stroke(terminal);
		}
		return tried <= MAX_TRIED && follow(to, changed, terminal);
	};
	const start = Math.min(changes[0]?.earliest ?? 0, shown.length - 1);
	const all = follow(start, 0, Terminal.showing(shown[start] as FedScreen));
	return all && Number.isFinite(first) ? first : undefined;
}

/** Which state may be drawn after another: the next, and the next of another size, as that does not need those before it. */
function nextAfter(shown: readonly FedScreen[], at: number): number[] {
	const of = shown[at] as FedScreen;
	const cleared = shown.findIndex((other, index) => index > at && !isSameSize(other.screen, of.screen));
	const next = at + 1 < shown.length ? [at + 1] : [];
	return cleared > at + 1 ? [...next, cleared] : next;
}

interface Shown {
	readonly line: number;
	/** Undefined: as the line is kept. */
	readonly row: Row | undefined;
}

/** Which lines a terminal has in its scrollback and on its screen. What is no line, or no longer one as a whole, is undefined. */
class Terminal {
	/** All lines before this one have scrolled off in order, and of these the terminal still has so many. */
	#base: number;
	#kept: number;
	/** What has scrolled off since, then the screen. */
	readonly #lines: (Shown | undefined)[];
	#width: number;
	#height: number;
	#cursor: number;

	private constructor(
		base: number,
		kept: number,
		lines: (Shown | undefined)[],
		width: number,
		height: number,
		cursor: number,
	) {
		this.#base = base;
		this.#kept = kept;
		this.#lines = lines;
		this.#width = width;
		this.#height = height;
		this.#cursor = cursor;
	}

	static showing(state: FedScreen): Terminal {
		const { screen, position } = state;
		const lines = screen.lines.map((_, row) => lineIn(state, row));
		return new Terminal(position.line, position.fed, lines, screen.columns, screen.rows, screen.cursorRow);
	}

	copy(): Terminal {
		return new Terminal(this.#base, this.#kept, [...this.#lines], this.#width, this.#height, this.#cursor);
	}

	/** Rows of the screen, and lines that have scrolled off since the start. */
	get size(): number {
		return this.#lines.length;
	}

	get #top(): number {
		return this.#lines.length - this.#height;
	}

	/** A lower one drops what is below the cursor, then scrolls; a higher one takes lines back. */
	resize(width: number, height: number): void {
		this.#width = width;
		const below = Math.min(this.#height - 1 - this.#cursor, Math.max(0, this.#height - height));
		this.#lines.length -= below;
		this.#cursor -= Math.max(0, this.#height - below - height);
		this.#height = Math.min(this.#height, height);
		const back = Math.min(height - this.#height, this.#top + this.#kept);
		const older = Math.max(0, back - this.#top);
		this.#kept -= older;
		this.#base -= older;
		this.#lines.unshift(
			...Array.from({ length: older }, (_, index) => ({ line: this.#base + index, row: undefined })),
		);
		this.#cursor += back;
		this.#height += back;
		while (this.#height < height) {
			this.#lines.push(undefined);
			this.#height++;
		}
	}

	clear(): void {
		this.#cursor = 0;
		this.#lines.fill(undefined, this.#top);
	}

	feed(count: number): void {
		const room = Math.min(count, this.#height - 1 - this.#cursor);
		this.#cursor += room;
		for (let more = count - room; more > 0; more--) {
			this.#lines.push(undefined);
		}
	}

	/** By an absolute move, as far as there are rows. */
	moveTo(row: number): void {
		this.#cursor = Math.min(row, this.#height - 1);
	}

	/**
	 * @param end the column behind the text: what has no room goes to the next row
	 * @param over what has to be there already, if only a part is printed
	 */
	print(line: Shown | undefined, end: number, over: Row | undefined): void {
		for (let rest = end - this.#width; rest > 0; rest -= this.#width) {
			this.#lines[this.#top + this.#cursor] = undefined;
			this.feed(1);
		}
		const at = this.#top + this.#cursor;
		const whole = end <= this.#width && (over === undefined || this.#lines[at]?.row === over);
		this.#lines[at] = whole ? line : undefined;
	}

	/** How far the lines go on in the scrollback as they are kept. */
	firstMissing(isKept: (line: Shown) => boolean): number {
		let line = this.#base;
		for (let at = 0; at < this.#top; at++) {
			const above = this.#lines[at];
			if (above?.line === line && isKept(above)) {
				line++;
			}
		}
		return line;
	}
}

type Stroke = (terminal: Terminal) => void;

interface Place {
	readonly row: number;
	readonly column: number;
}

/** What the client writes to show `to` instead of `from`, for the height that these have. */
function drawing(from: FedScreen, to: FedScreen): Stroke[] {
	const strokes: Stroke[] = [];
	const up = to.position.fed - from.position.fed;
	const { columns, rows } = to.screen;
	let lines: readonly (Row | undefined)[] = from.screen.lines;
	let at: Place = { row: from.screen.cursorRow, column: from.screen.cursorColumn };
	if (!isSameSize(to.screen, from.screen)) {
		strokes.push((terminal) => terminal.clear());
		lines = [];
		at = { row: 0, column: 0 };
	} else if (up > 0) {
		strokes.push((terminal) => terminal.feed(up));
		lines = from.screen.lines.slice(up);
		at = { row: at.row, column: 0 };
	}
	for (const [row, line] of to.screen.lines.entries()) {
		const before = lines[row];
		const [begin, end] = changedCells(line, before);
		if (begin === end) {
			continue;
		}
		strokes.push(...move(at, { row, column: begin }));
		const shown = lineIn(to, row);
		strokes.push((terminal) => terminal.print(shown, end, begin > 0 ? before : undefined));
		at = { row, column: end };
		if (end === columns && row < rows - 1) {
			strokes.push((terminal) => terminal.feed(1));
			at = { row: row + 1, column: 0 };
		}
	}
	strokes.push(...move(at, { row: to.screen.cursorRow, column: to.screen.cursorColumn }));
	return strokes;
}

/** Down by line feeds if it is to column 0 and not far, else to the row, whatever the terminal has there. */
function move(from: Place, to: Place): Stroke[] {
	const down = to.row - from.row;
	if (to.column === 0 && down >= 0 && down <= FEEDS_MAX) {
		return [(terminal) => terminal.feed(down)];
	}
	const withinRow = down === 0 && to.column <= from.column && from.column - to.column <= FEEDS_MAX;
	return withinRow ? [] : [(terminal) => terminal.moveTo(to.row)];
}

function lineIn({ screen, position, fullScreen }: FedScreen, row: number): Shown | undefined {
	return fullScreen || position.phase !== "lines"
		? undefined
		: { line: position.line + row, row: screen.lines[row] };
}

function isAsKept({ line, row }: Shown, lines: KnownLines): boolean {
	if (line >= lines.bottom) {
		return false;
	}
	return (
		row === undefined ||
		line < lines.first ||
		fittedRow(lines.row(line), row.columns).wrapping(false).equals(row.wrapping(false))
	);
}

/** From which column on and up to which the cells of a row differ from those before; blank ones at the end are erased at once. */
function changedCells(row: Row, before: Row | undefined): readonly [number, number] {
	if (before !== undefined && row.looksLike(before)) {
		return [0, 0];
	}
	const differs = (column: number): boolean => {
		for (let word = column * CELL_WORDS; word < (column + 1) * CELL_WORDS; word++) {
			if (row.cells[word] !== (before?.cells[word] ?? 0)) {
				return true;
			}
		}
		return false;
	};
	let [begin, end] = [0, row.columns];
	while (begin < end && !differs(begin)) {
		begin++;
	}
	while (end > begin && (!differs(end - 1) || (row.cells[(end - 1) * CELL_WORDS] ?? 0) === 0)) {
		end--;
	}
	return begin < row.columns && end === begin ? [begin, begin + 1] : [begin, end];
}
