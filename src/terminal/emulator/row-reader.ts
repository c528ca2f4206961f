/**
 * Reads rows of xterm.js's buffer, reusing rows that did not change: cells through the public interface, which takes 30 ms
 * for the largest screen, or a tenth of that from the packed words of a line where they are known.
 */
import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";
import { BLINK, BOLD, INDEXED, INVERSE, INVISIBLE, ITALIC, RGB, UNDERLINE } from "../screen/rendition.js";
import {
	CELL_WORDS,
	CODE_POINT_MASK,
	COMBINED,
	CONTESTED,
	hashCells,
	Row,
	SPACER,
	sameContents,
	WIDE,
} from "../screen/row.js";
import { codePointWidth, hasContestedWidth } from "../screen/width.js";
import { CODE_POINT_BITS, COMBINED_BIT, type Core, type Line, wordsAsBytes } from "./internals.js";
import { isShared, readableLine } from "./shared-lines.js";

const SPACE = 0x20;
const NO_BREAK_SPACE = "\u00a0";
const REPLACEMENT_CHARACTER = 0xfffd;
/** No code point below combines, is wide, unprintable or contested, but for controls, which are never in a cell. */
const FIRST_SPECIAL = 0x300;
/** A cell of the client takes marks until it holds so many bytes (protocol §5.5). */
const MAX_CELL_BYTES = 32;

interface Source {
	/** To be read only. */
	readonly raw: Line | undefined;
	readonly wrapped: boolean;
	/** Through the public interface, which makes a shared line one of its own. */
	view(): IBufferLine | undefined;
}

export class RowReader {
	readonly #columns: number;
	readonly #cells: Uint32Array;
	readonly #cell: IBufferCell;
	#combined: Map<number, string> | undefined;
	readonly #core: Core | undefined;

	/** By row, as last read: words of its line, whether those tell all of it, and what `#readLine` answered. */
	readonly #words: Uint32Array;
	readonly #kept: Uint8Array;
	readonly #joined: Uint8Array;

	/** Without `core` only by the public interface. A reader is for one size. */
	constructor(buffer: IBuffer, columns: number, core?: Core) {
		const rows = core === undefined ? 0 : core._inputHandler._activeBuffer._rows;
		this.#words = new Uint32Array(rows * columns * CELL_WORDS);
		this.#kept = new Uint8Array(rows);
		this.#joined = new Uint8Array(rows);
		this.#columns = columns;
		this.#core = core;
		this.#cells = new Uint32Array(columns * CELL_WORDS);
		this.#cell = buffer.getNullCell();
	}

	/** The rows of the buffer, `previous` being what was read last, or nothing; the same array when all equal `previous`. Rows that moved or are alike are shared too. */
	read(buffer: IBuffer, rows: number, previous: readonly Row[]): readonly Row[] {
		const lines: Row[] = [];
		let byHash: Map<number, Row> | undefined;
		let line = this.#lineAt(buffer, 0);
		let joined = false;
		let wraps: boolean = false;
		/** What the scratch row holds, while that is sure to be the same in the next row. */
		let held: Line | undefined;
		for (let row = 0; row < rows; row++) {
			const next = row + 1 < rows ? this.#lineAt(buffer, row + 1) : undefined;
			const before = previous[row];
			const unchanged = before !== undefined && this.#wordsKept(row, line?.raw);
			if (unchanged) {
				wraps = this.#joined[row] === 1 && next?.wrapped === true && !this.#startsContested(next.view());
				if (wraps === before.wraps) {
					lines.push(before);
					line = next;
					held = undefined;
					continue;
				}
			}
			const repeated = held !== undefined && line?.raw === held;
			if (!repeated) joined = this.#readLine(line);
			held = line?.raw !== undefined && isShared(line.raw) ? line.raw : undefined;
			this.#keepWords(row, line?.raw, joined);
			const wrapped: boolean = wraps;
			wraps = joined && next?.wrapped === true && !this.#startsContested(next.view());
			line = next;
			const above = lines[row - 1];
			if (repeated && wraps === wrapped && above !== undefined && before === previous[row - 1]) {
				lines.push(above);
				continue;
			}
			if (before !== undefined && this.#matches(before, wraps)) {
				lines.push(before);
				continue;
			}
			byHash ??= new Map(previous.map((row) => [row.hash, row]));
			const hash = hashCells(this.#cells);
			const known = byHash.get(hash);
			const shared =
				known !== undefined && this.#matches(known, wraps)
					? known
					: new Row(this.#cells.slice(), this.#combined, wraps, hash);
			byHash.set(hash, shared);
			lines.push(shared);
		}
		const same = lines.length === previous.length && lines.every((row, index) => row === previous[index]);
		return same ? previous : lines;
	}

	/** Whether the line is, to the last bit, the one read as `row` the last time. Comparing takes a fraction of reading. */
	#wordsKept(row: number, raw: Line | undefined): boolean {
		if (raw === undefined || this.#kept[row] !== 1) return false;
		const size = this.#columns * CELL_WORDS;
		return wordsAsBytes(raw._data, 0, size).equals(wordsAsBytes(this.#words, row * size, size));
	}

	/** Texts of several code points are not in the words, and a shared line is cheaper to know by itself. */
	#keepWords(row: number, raw: Line | undefined, joined: boolean): void {
		const size = this.#columns * CELL_WORDS;
		const keep =
			raw !== undefined && !isShared(raw) && raw.length >= this.#columns && this.#combined === undefined;
		this.#kept[row] = keep ? 1 : 0;
		this.#joined[row] = joined ? 1 : 0;
		if (keep) this.#words.set(raw._data.subarray(0, size), row * size);
	}

	#lineAt(buffer: IBuffer, row: number): Source | undefined {
		const view = () => buffer.getLine(buffer.baseY + row);
		const raw = this.#core && readableLine(this.#core._inputHandler._activeBuffer, row);
		if (raw !== undefined) return { raw, wrapped: raw.isWrapped, view };
		const line = view();
		return line && { raw: undefined, wrapped: line.isWrapped, view: () => line };
	}

	#matches(row: Row, wraps: boolean): boolean {
		return sameContents(row, this.#cells, this.#combined, wraps);
	}

	/** Fills the scratch row; true when a wrap after its last cell can be told to the client by printing over it. */
	#readLine(source: Source | undefined): boolean {
		const raw = source?.raw;
		if (raw !== undefined && raw.length >= this.#columns) return this.#readWords(raw._data, source);
		return this.#readView(source?.view());
	}

	/** As `#readView`, which says what for. */
	#readWords(data: Uint32Array, source: Source | undefined): boolean {
		const cells = this.#cells;
		const end = this.#columns * CELL_WORDS;
		this.#combined = undefined;
		let view: IBufferLine | undefined;
		let endsInText = false;
		let last = 0;
		/** Neighbours mostly look the same. */
		let foreground = 0;
		let background = 0;
		let foregroundWord = 0;
		let backgroundWord = 0;
		for (let at = 0; at < end; at += CELL_WORDS) {
			const content = data[at] as number;
			const code = content & CODE_POINT_BITS;
			const fg = data[at + 1] as number;
			const bg = data[at + 2] as number;
			if (fg !== foreground || bg !== background) {
				foreground = fg;
				background = bg;
				foregroundWord = foregroundOf(fg, bg);
				backgroundWord = colourOf(bg);
			}
			const combined = (content & COMBINED_BIT) !== 0;
			const filled = code !== 0 || combined;
			endsInText = filled;
			last = at;
			cells[at + 1] = filled ? foregroundWord : 0;
			cells[at + 2] = backgroundWord;
			if (code < FIRST_SPECIAL && !combined) {
				cells[at] = code === SPACE && cells[at + 1] === 0 ? 0 : code;
				continue;
			}
			view ??= source?.view();
			const column = at / CELL_WORDS;
			view?.getCell(column, this.#cell);
			const text = this.#readSpecial(column, this.#cell.getCode());
			cells[at] = text;
			if (text === 0) cells[at + 1] = 0;
			if ((text & WIDE) === 0) continue;
			at += CELL_WORDS;
			cells[at] = SPACER;
			cells[at + 1] = 0;
			cells[at + 2] = 0;
		}
		return endsInText && ((cells[last] ?? 0) & CONTESTED) === 0;
	}

	#readView(line: IBufferLine | undefined): boolean {
		const cells = this.#cells;
		const cell = this.#cell;
		const columns = this.#columns;
		this.#combined = undefined;
		let endsInText = false;
		let last = 0;
		for (let column = 0, at = 0; column < columns; column++, at += CELL_WORDS) {
			const loaded = line?.getCell(column, cell) !== undefined;
			const code = loaded ? cell.getCode() : 0;
			endsInText = code !== 0;
			last = at;
			if (loaded && cell.isAttributeDefault()) {
				cells[at + 1] = 0;
				cells[at + 2] = 0;
			} else {
				// An erased cell keeps its background only (protocol §5.10).
				cells[at + 1] = loaded && code !== 0 ? packForeground(cell) : 0;
				cells[at + 2] = loaded ? packBackground(cell) : 0;
			}
			if (code < FIRST_SPECIAL) {
				cells[at] = code === SPACE && cells[at + 1] === 0 ? 0 : code;
				continue;
			}
			const text = this.#readSpecial(column, code);
			cells[at] = text;
			if (text === 0) cells[at + 1] = 0;
			if ((text & WIDE) === 0) continue;
			column++;
			at += CELL_WORDS;
			cells[at] = SPACER;
			cells[at + 1] = 0;
			cells[at + 2] = 0;
		}
		return endsInText && ((cells[last] ?? 0) & CONTESTED) === 0;
	}

	/** A client could take the first character for a mark on the last cell of the row above. */
	#startsContested(line: IBufferLine | undefined): boolean {
		const characters = [...(line?.getCell(0, this.#cell)?.getChars() ?? "")];
		return characters.some((character) => hasContestedWidth(character.codePointAt(0) ?? 0));
	}

	/** The text word of a cell that may be wide, combined, unprintable or contested. */
	#readSpecial(column: number, lastUnit: number): number {
		const surrogate = lastUnit >= 0xd800 && lastUnit < 0xe000;
		// Of a combined text the cell tells only the last unit: it combines, or is half of something that may.
		const combined = surrogate || codePointWidth(lastUnit) === 0;
		let text = combined ? this.#cell.getChars() : "";
		// The width by the text, not the cell: a mark that follows a resize can leave that wrong.
		const width = codePointWidth(combined ? (text.codePointAt(0) ?? 0) : lastUnit);
		const wide = width === 2;
		// Half a wide character, left when the screen was made narrower.
		if (wide && column === this.#columns - 1) return 0;
		if (!combined) return textWord(lastUnit, wide);
		if (width === 0) text = NO_BREAK_SPACE + text;
		return this.#combine(column, text, wide);
	}

	#combine(column: number, text: string, wide: boolean): number {
		let kept = "";
		let contested = 0;
		for (const character of text) {
			if (kept !== "" && Buffer.byteLength(kept) >= MAX_CELL_BYTES) break;
			const codePoint = character.codePointAt(0) ?? 0;
			const word = textWord(codePoint, wide);
			kept += String.fromCodePoint(word & CODE_POINT_MASK);
			contested |= word & CONTESTED;
		}
		const first = textWord(kept.codePointAt(0) ?? 0, wide);
		if ([...kept].length === 1) return first;
		this.#combined ??= new Map();
		this.#combined.set(column, kept);
		return first | contested | COMBINED;
	}
}

function textWord(codePoint: number, wide: boolean): number {
	// Dropped or shown by the client as its library pleases, so something of a certain width instead.
	if (codePointWidth(codePoint) < 0) return REPLACEMENT_CHARACTER;
	return codePoint | (wide ? WIDE : 0) | (hasContestedWidth(codePoint) ? CONTESTED : 0);
}

/** Kinds of colours in xterm.js's words: 1 and 2 are palettes, 3 is RGB. */
const KIND_SHIFT = 24;
const KIND = 3;
const RGB_KIND = 3;
const RAW_INVERSE = 1 << 26;
const RAW_BOLD = 1 << 27;
const RAW_UNDERLINE = 1 << 28;
const RAW_BLINK = 1 << 29;
const RAW_INVISIBLE = 1 << 30;
/** In the background's word. */
const RAW_ITALIC = 1 << 26;

function foregroundOf(foreground: number, background: number): number {
	let word = colourOf(foreground);
	if (foreground & RAW_BOLD) word |= BOLD;
	if (background & RAW_ITALIC) word |= ITALIC;
	if (foreground & RAW_UNDERLINE) word |= UNDERLINE;
	if (foreground & RAW_BLINK) word |= BLINK;
	if (foreground & RAW_INVERSE) word |= INVERSE;
	if (foreground & RAW_INVISIBLE) word |= INVISIBLE;
	return word >>> 0;
}

function colourOf(word: number): number {
	const kind = (word >>> KIND_SHIFT) & KIND;
	if (kind === 0) return 0;
	return kind === RGB_KIND ? RGB | (word & 0xffffff) : INDEXED | (word & 0xff);
}

function packForeground(cell: IBufferCell): number {
	let word = 0;
	if (cell.isFgRGB()) word = RGB | cell.getFgColor();
	else if (cell.isFgPalette()) word = INDEXED | cell.getFgColor();
	if (cell.isBold()) word |= BOLD;
	if (cell.isItalic()) word |= ITALIC;
	if (cell.isUnderline()) word |= UNDERLINE;
	if (cell.isBlink()) word |= BLINK;
	if (cell.isInverse()) word |= INVERSE;
	if (cell.isInvisible()) word |= INVISIBLE;
	return word >>> 0;
}

function packBackground(cell: IBufferCell): number {
	if (cell.isBgRGB()) return RGB | cell.getBgColor();
	return cell.isBgPalette() ? INDEXED | cell.getBgColor() : 0;
}
