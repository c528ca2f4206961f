/**
 * Reads rows from xterm.js's buffer, reusing unchanged ones: from the packed words of a line where available, otherwise
 * through the public interface, which takes ten times as long (30 ms for the largest screen). What has been read from a
 * line is kept with it until the line is handed out for writing.
 */
import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";
import { darker, type Extensions, NO_EXTENSIONS } from "../screen/extensions.js";
import {
	BLINK,
	BOLD,
	EXTRA,
	type Extra,
	FAINT,
	INDEXED,
	INVERSE,
	INVISIBLE,
	ITALIC,
	RGB,
	STRIKE,
	UNDERLINE,
} from "../screen/rendition.js";
import {
	AMBIGUOUS,
	CELL_WORDS,
	CODE_POINT_MASK,
	COMBINED,
	type Contents,
	hashCells,
	MAX_CELL_BYTES,
	Row,
	SPACER,
	sameContents,
	WIDE,
} from "../screen/row.js";
import { codePointWidth, hasAmbiguousWidth } from "../screen/width.js";
import {
	CELL,
	CODE_POINT_BITS,
	COMBINED_BIT,
	type Core,
	EXTENDED_BIT,
	type KnownRow,
	type Line,
	wordsAsBytes,
} from "./internals.js";
import { colourOf, foregroundOf, RAW_FAINT, RAW_STRIKE } from "./raw-rendition.js";
import { completeLine, completeUnlessFull } from "./repeated-tail.js";
import { completeErase } from "./selective-erase.js";
import { startedLine } from "./shared-lines.js";

const SPACE = 0x20;
const NO_BREAK_SPACE = "\u00a0";
const REPLACEMENT_CHARACTER = 0xfffd;
/** No lower code point is combining, wide, unprintable or of ambiguous width, except controls, which are never in cells. */
const FIRST_SPECIAL = 0x300;

/**
 * Characters of links in a row; further ones are left out. The client refuses states of more than 4 MiB (protocol §2.2): a
 * screen full of different links would be one that it can never be brought to.
 */
const MAX_LINK_LENGTH = 4_096;

/** So many of the lines read for a screen are remembered, to be compared with further ones. */
const MAX_READ_LINES = 4;

/** A line whose words are all there is to it. */
interface ReadLine {
	readonly line: Line;
	/** Where its `repeatedTail` began before it was completed. */
	readonly tail: number | undefined;
	readonly known: KnownRow;
}

/** A line without cells yet to be written. */
type LineCells = Pick<Line, "_data" | "_combined" | "_extendedAttrs">;

const NONE = Object.freeze({});

/** A line of the buffer, for reading only: either its internals or its public interface. */
interface Source {
	readonly raw: Line | undefined;
	readonly view: IBufferLine | undefined;
	readonly wrapped: boolean;
}

export class RowReader {
	readonly #columns: number;
	readonly #cells: Uint32Array;
	readonly #cell: IBufferCell;
	#combined: Map<number, string> | undefined;
	#extras: Map<number, Extra> | undefined;
	/** The last link of the row so far, and the length of all. */
	#link = "";
	#linkLength = 0;
	readonly #faint: boolean;
	readonly #strike: boolean;
	readonly #faintGrey: boolean;
	readonly #core: Core | undefined;
	/** The combined text of the previous cell and the result for it: neighbouring cells often have the same text. */
	#text = "";
	#textWide = false;
	#kept = "";
	#keptWord = 0;

	/**
	 * A reader is for one screen size. Without `core`, it reads only through the public interface, and knows no `extensions`.
	 */
	constructor(buffer: IBuffer, columns: number, core?: Core, extensions: Extensions = NO_EXTENSIONS) {
		this.#faintGrey = extensions.has("faint-grey");
		this.#faint = extensions.has("faint") && !this.#faintGrey;
		this.#strike = extensions.has("strike");
		this.#columns = columns;
		this.#core = core;
		this.#cells = new Uint32Array(columns * CELL_WORDS);
		this.#cell = buffer.getNullCell();
	}

	/**
	 * The rows of the buffer, given those returned last time (or none); `previous` itself if nothing has changed. Rows that
	 * have moved and rows that look alike are shared as well.
	 */
	read(buffer: IBuffer, rows: number, previous: readonly Row[]): readonly Row[] {
		const lines: Row[] = [];
		const readLines: ReadLine[] = [];
		let linesRead = 0;
		let byKey: Map<number, Row> | undefined;
		let source = this.#sourceOf(buffer, 0);
		for (let row = 0; row < rows; row++) {
			const next = row + 1 < rows ? this.#sourceOf(buffer, row + 1) : undefined;
			const raw = source?.raw;
			const tail = raw && tailOf(raw);
			const known = this.#knownOf(raw) ?? (raw && this.#knownAlike(raw, readLines));
			const joins: boolean = known?.joins ?? this.#readLine(source);
			const wraps = joins && next?.wrapped === true && !this.#startsAmbiguous(next);
			let shared = known?.row;
			if (shared?.wraps !== wraps) {
				byKey ??= new Map(previous.map((row) => [keyOf(row.hash, row.wraps), row]));
				const contents = shared ?? { cells: this.#cells, combined: this.#combined, extras: this.#extras };
				shared = sharedRow(contents, wraps, previous[row], byKey);
			}
			lines.push(shared);
			if (raw !== undefined && raw.known?.row !== shared) {
				raw.known = { row: shared, joins };
				if (known === undefined && shared.combined === undefined && shared.extras === undefined) {
					readLines[linesRead++ % MAX_READ_LINES] = { line: raw, tail, known: raw.known };
				}
			}
			source = next;
		}
		const same = lines.length === previous.length && lines.every((row, index) => row === previous[index]);
		return same ? previous : lines;
	}

	/** Floods fill the screen with rows that are alike, or of a few kinds. */
	#knownAlike(raw: Line, readLines: readonly ReadLine[]): KnownRow | undefined {
		for (const { line, tail, known } of readLines) {
			if (this.#sameWords(raw, line, tail)) {
				return known;
			}
		}
		return undefined;
	}

	/** @param lastTail where the cells of `last` that repeat the one before them began, before it was completed to be read */
	#sameWords(raw: Line, last: Line, lastTail: number | undefined): boolean {
		const { _data: data } = raw;
		for (let word = 0; word < CELL; word++) {
			if (data[word] !== last._data[word]) {
				return false;
			}
		}
		const tail = tailOf(raw);
		if (tail === 1 && lastTail === 1) {
			return true;
		}
		if (tail === undefined || tail !== lastTail) {
			completeLine(raw);
		}
		const size = (raw.repeatedTail?.from ?? this.#columns) * CELL;
		return wordsAsBytes(data, 0, size).equals(wordsAsBytes(last._data, 0, size));
	}

	/** What one line of this reader's width contains, without regard to the line below it. */
	readOne(line: Line): KnownRow {
		if (line.erasedTo !== undefined) {
			completeErase(line);
		}
		completeLine(line);
		return this.#rowOf(line);
	}

	/** What the words of such a line contain that has nothing beside them. */
	readPacked(words: Uint32Array): KnownRow {
		return this.#rowOf({ _data: words, _combined: NONE, _extendedAttrs: NONE });
	}

	#rowOf(line: LineCells): KnownRow {
		const joins = this.#readWords(line);
		return { row: new Row(this.#cells.slice(), this.#combined, false, undefined, this.#extras), joins };
	}

	#knownOf(raw: Line | undefined): KnownRow | undefined {
		return raw?.known?.row.cells.length === this.#cells.length ? raw.known : undefined;
	}

	#sourceOf(buffer: IBuffer, row: number): Source | undefined {
		const raw = this.#core && startedLine(this.#core._inputHandler._activeBuffer, row);
		if (raw !== undefined && raw.length >= this.#columns) {
			return { raw, view: undefined, wrapped: raw.isWrapped };
		}
		const view = buffer.getLine(buffer.baseY + row);
		return view && { raw: undefined, view, wrapped: view.isWrapped };
	}

	/** Fills the scratch row; true if the client can be made to wrap after its last cell. */
	#readLine(source: Source | undefined): boolean {
		if (source?.raw === undefined) {
			return this.#readView(source?.view);
		}
		completeLine(source.raw);
		return this.#readWords(source.raw);
	}

	/** Same as `#readView`, from the words of the line. */
	#readWords(line: LineCells): boolean {
		const cells = this.#cells;
		const data = line._data;
		const end = this.#columns * CELL_WORDS;
		this.#combined = undefined;
		this.#extras = undefined;
		this.#link = "";
		this.#linkLength = 0;
		let endsInText = false;
		let last = 0;
		/** Renditions of the previous cell: neighbouring cells often have the same. */
		let foreground = 0;
		let background = 0;
		let foregroundWord = 0;
		let backgroundWord = 0;
		let attributes = 0;
		for (let at = 0; at < end; at += CELL_WORDS) {
			const content = data[at] as number;
			const code = content & CODE_POINT_BITS;
			const fg = data[at + 1] as number;
			const bg = data[at + 2] as number;
			if (fg !== foreground || bg !== background) {
				foreground = fg;
				background = bg;
				foregroundWord = this.#foregroundOf(fg, bg);
				backgroundWord = colourOf(bg);
				attributes = this.#attributesOf(fg, bg);
			}
			const combined = (content & COMBINED_BIT) !== 0;
			const filled = code !== 0 || combined;
			endsInText = filled;
			last = at;
			cells[at + 1] = filled ? foregroundWord : 0;
			cells[at + 2] = backgroundWord;
			const column = at / CELL_WORDS;
			if (filled && attributes !== 0) {
				const extra = attributes & EXTRA ? this.#keepExtra(column, line) : 0;
				cells[at + 2] = backgroundWord | (attributes & ~EXTRA) | extra;
			}
			if (code < FIRST_SPECIAL && !combined) {
				cells[at] = code === SPACE && cells[at + 1] === 0 && cells[at + 2] === backgroundWord ? 0 : code;
				continue;
			}
			const text = combined
				? this.#combine(column, line._combined[column] ?? "")
				: this.#readSpecial(column, code);
			cells[at] = text;
			if (text === 0) {
				cells[at + 1] = 0;
				cells[at + 2] = backgroundWord;
				this.#dropExtra(column);
			}
			if ((text & WIDE) === 0) {
				continue;
			}
			at += CELL_WORDS;
			cells[at] = SPACER;
			cells[at + 1] = 0;
			cells[at + 2] = 0;
		}
		return endsInText && ((cells[last] ?? 0) & AMBIGUOUS) === 0;
	}

	#foregroundOf(foreground: number, background: number): number {
		const word = foregroundOf(foreground, background);
		return this.#faintGrey && background & RAW_FAINT ? darker(word) : word;
	}

	/** The attributes of a cell that are in the background word. */
	#attributesOf(foreground: number, background: number): number {
		return (
			(this.#faint && background & RAW_FAINT ? FAINT : 0) |
			(this.#strike && foreground & RAW_STRIKE ? STRIKE : 0) |
			(background & EXTENDED_BIT ? EXTRA : 0)
		);
	}

	/** Takes over what the emulator has stored with the cell (extensions.ts). Returns EXTRA if that is something. */
	#keepExtra(column: number, line: LineCells): 0 | typeof EXTRA {
		let extra = line._extendedAttrs[column] as Extra | undefined;
		if (extra !== undefined && extra.link !== "" && extra.link !== this.#link) {
			this.#link = extra.link;
			this.#linkLength += extra.link.length;
		}
		if (extra !== undefined && this.#linkLength > MAX_LINK_LENGTH) {
			extra = withoutLink(extra);
		}
		if (extra === undefined) {
			return 0;
		}
		this.#extras ??= new Map();
		this.#extras.set(column, extra);
		return EXTRA;
	}

	#dropExtra(column: number): void {
		this.#extras?.delete(column);
	}

	#readView(line: IBufferLine | undefined): boolean {
		const cells = this.#cells;
		const cell = this.#cell;
		const columns = this.#columns;
		this.#combined = undefined;
		this.#extras = undefined;
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
				// An erased cell keeps only its background (protocol §5.10).
				cells[at + 1] = loaded && code !== 0 ? packForeground(cell) : 0;
				cells[at + 2] = loaded ? packBackground(cell) : 0;
			}
			if (code < FIRST_SPECIAL) {
				cells[at] = code === SPACE && cells[at + 1] === 0 ? 0 : code;
				continue;
			}
			// Of a combined text this is only the last code unit: a mark, or one half of a surrogate pair.
			const combined = (code >= 0xd800 && code < 0xe000) || codePointWidth(code) === 0;
			const text = combined ? this.#combine(column, cell.getChars()) : this.#readSpecial(column, code);
			cells[at] = text;
			if (text === 0) {
				cells[at + 1] = 0;
			}
			if ((text & WIDE) === 0) {
				continue;
			}
			column++;
			at += CELL_WORDS;
			cells[at] = SPACER;
			cells[at + 1] = 0;
			cells[at + 2] = 0;
		}
		return endsInText && ((cells[last] ?? 0) & AMBIGUOUS) === 0;
	}

	/** A client could treat the first character as a mark on the last cell of the row above. */
	#startsAmbiguous({ raw, view }: Source): boolean {
		const content = raw?._data[0] ?? 0;
		if (raw !== undefined && (content & COMBINED_BIT) === 0) {
			const codePoint = content & CODE_POINT_BITS;
			return codePoint !== 0 && hasAmbiguousWidth(codePoint);
		}
		const text = raw === undefined ? view?.getCell(0, this.#cell)?.getChars() : raw._combined[0];
		return [...(text ?? "")].some((character) => hasAmbiguousWidth(character.codePointAt(0) ?? 0));
	}

	/** The text word of a cell of one code point that may be wide, unprintable, ambiguous or a mark. */
	#readSpecial(column: number, codePoint: number): number {
		const width = codePointWidth(codePoint);
		if (width === 0) {
			return this.#combine(column, String.fromCodePoint(codePoint));
		}
		// Half a wide character, left over after the screen was made narrower.
		if (width === 2 && column === this.#columns - 1) {
			return 0;
		}
		return textWord(codePoint, width === 2);
	}

	/** The text word of a cell of several code points. */
	#combine(column: number, text: string): number {
		// The width of the text, not of the cell, which can be wrong for a mark after a resize.
		const width = codePointWidth(text.codePointAt(0) ?? 0);
		const wide = width === 2;
		if (wide && column === this.#columns - 1) {
			return 0;
		}
		if (text !== this.#text || wide !== this.#textWide) {
			this.#text = text;
			this.#textWide = wide;
			this.#keep(width === 0 ? NO_BREAK_SPACE + text : text, wide);
		}
		if ((this.#keptWord & COMBINED) !== 0) {
			this.#combined ??= new Map();
			this.#combined.set(column, this.#kept);
		}
		return this.#keptWord;
	}

	/** Sets the part of the text that a cell of the client keeps, and its text word. */
	#keep(text: string, wide: boolean): void {
		let kept = "";
		let ambiguous = 0;
		for (const character of text) {
			if (kept !== "" && Buffer.byteLength(kept) >= MAX_CELL_BYTES) {
				break;
			}
			const codePoint = character.codePointAt(0) ?? 0;
			const word = textWord(codePoint, wide);
			kept += String.fromCodePoint(word & CODE_POINT_MASK);
			ambiguous |= word & AMBIGUOUS;
		}
		const first = textWord(kept.codePointAt(0) ?? 0, wide);
		const single = [...kept].length === 1;
		this.#kept = kept;
		this.#keptWord = single ? first : first | ambiguous | COMBINED;
	}
}

/** The column from which on all cells of a line repeat the one before, if they are not written yet. */
function tailOf(line: Line): number | undefined {
	completeUnlessFull(line);
	return line.repeatedTail?.from;
}

/** Of rows alike all but the last wrap. */
function keyOf(hash: number, wraps: boolean): number {
	return 2 * hash + Number(wraps);
}

/** A row with these contents: the previous one in its place, one of the rows `known` by key, or else a new one. */
function sharedRow(
	contents: Contents,
	wraps: boolean,
	before: Row | undefined,
	known: Map<number, Row>,
): Row {
	const { cells, combined, extras } = contents;
	if (before !== undefined && sameContents(before, contents, wraps)) {
		return before;
	}
	const hash = contents instanceof Row ? contents.hash : hashCells(cells);
	const key = keyOf(hash, wraps);
	const alike = known.get(key);
	if (alike !== undefined && sameContents(alike, contents, wraps)) {
		return alike;
	}
	const row =
		contents instanceof Row
			? contents.wrapping(wraps)
			: new Row(cells.slice(), combined, wraps, hash, extras);
	known.set(key, row);
	return row;
}

function textWord(codePoint: number, wide: boolean): number {
	// The client may drop it or show it, depending on its C library; the replacement has a certain width.
	if (codePointWidth(codePoint) < 0) {
		return REPLACEMENT_CHARACTER;
	}
	return codePoint | (wide ? WIDE : 0) | (hasAmbiguousWidth(codePoint) ? AMBIGUOUS : 0);
}

function packForeground(cell: IBufferCell): number {
	let word = 0;
	if (cell.isFgRGB()) {
		word = RGB | cell.getFgColor();
	} else if (cell.isFgPalette()) {
		word = INDEXED | cell.getFgColor();
	}
	if (cell.isBold()) {
		word |= BOLD;
	}
	if (cell.isItalic()) {
		word |= ITALIC;
	}
	if (cell.isUnderline()) {
		word |= UNDERLINE;
	}
	if (cell.isBlink()) {
		word |= BLINK;
	}
	if (cell.isInverse()) {
		word |= INVERSE;
	}
	if (cell.isInvisible()) {
		word |= INVISIBLE;
	}
	return word >>> 0;
}

function packBackground(cell: IBufferCell): number {
	if (cell.isBgRGB()) {
		return RGB | cell.getBgColor();
	}
	return cell.isBgPalette() ? INDEXED | cell.getBgColor() : 0;
}

function withoutLink(extra: Extra): Extra | undefined {
	const plain = extra.underlineStyle === 0 && extra.underlineColour === 0;
	return plain ? undefined : { ...extra, link: "" };
}
