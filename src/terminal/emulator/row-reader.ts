/** Reads rows of xterm.js's buffer through its public cell interface, reusing rows that did not change. */
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

const SPACE = 0x20;
const NO_BREAK_SPACE = "\u00a0";
const REPLACEMENT_CHARACTER = 0xfffd;
/** No code point below combines, is wide, unprintable or contested, but for controls, which are never in a cell. */
const FIRST_SPECIAL = 0x300;
/** A cell of the client takes marks until it holds so many bytes (protocol §5.5). */
const MAX_CELL_BYTES = 32;

export class RowReader {
	readonly #columns: number;
	readonly #cells: Uint32Array;
	readonly #cell: IBufferCell;
	#combined: Map<number, string> | undefined;

	constructor(buffer: IBuffer, columns: number) {
		this.#columns = columns;
		this.#cells = new Uint32Array(columns * CELL_WORDS);
		this.#cell = buffer.getNullCell();
	}

	/** The rows of the buffer; the same array when all equal `previous`. Rows that moved or are alike are shared too. */
	read(buffer: IBuffer, rows: number, previous: readonly Row[]): readonly Row[] {
		const lines: Row[] = [];
		let byHash: Map<number, Row> | undefined;
		let line = buffer.getLine(buffer.baseY);
		for (let row = 0; row < rows; row++) {
			const next = row + 1 < rows ? buffer.getLine(buffer.baseY + row + 1) : undefined;
			const joined = this.#readLine(line);
			const wraps = joined && next?.isWrapped === true && !this.#startsContested(next);
			line = next;
			const before = previous[row];
			if (before !== undefined && this.#matches(before, wraps)) {
				lines.push(before);
				continue;
			}
			byHash ??= new Map(previous.map((row) => [row.hash, row]));
			const known = byHash.get(hashCells(this.#cells));
			const shared =
				known !== undefined && this.#matches(known, wraps)
					? known
					: new Row(this.#cells.slice(), this.#combined, wraps);
			byHash.set(shared.hash, shared);
			lines.push(shared);
		}
		const same = lines.length === previous.length && lines.every((row, index) => row === previous[index]);
		return same ? previous : lines;
	}

	#matches(row: Row, wraps: boolean): boolean {
		return sameContents(row, this.#cells, this.#combined, wraps);
	}

	/** Fills the scratch row; true when a wrap after its last cell can be told to the client by printing over it. */
	#readLine(line: IBufferLine | undefined): boolean {
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
	#startsContested(line: IBufferLine): boolean {
		const characters = [...(line.getCell(0, this.#cell)?.getChars() ?? "")];
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
