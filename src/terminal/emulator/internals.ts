/**
 * The parts of xterm.js that its public interface does not reach, and that keeping hostile output cheap takes
 * (shared-lines.ts, line-functions.ts, repeat.ts, row-reader.ts, string-limit.ts). They are those of @xterm/headless 6.0.0; a test fails when they change, and
 * an emulator that does not find them does without.
 */
import type { IDisposable, IFunctionIdentifier, Terminal } from "@xterm/headless";
import type { Row } from "../screen/row.js";

/** Colours and the like of a cell, packed as in its words; of one that is blanked only the background matters. */
export interface Attributes {
	readonly fg: number;
	readonly bg: number;
}

/** Words for a cell: text, foreground, background. */
export const CELL = 3;

/** Of a cell's first word: its code point, whether its text is in `_combined` instead, and the columns it takes. */
export const CODE_POINT_BITS = 0x1fffff;
export const COMBINED_BIT = 1 << 21;
export const WIDTH_SHIFT = 22;
/** There is text in the cell, in either way. */
export const HAS_CONTENT = CODE_POINT_BITS | COMBINED_BIT;
/** Of a cell's third word: what does not fit into the words is in `_extendedAttrs`. */
export const EXTENDED_BIT = 1 << 28;

/** A cell by itself; the one that xterm.js hands over to fill others with is blank. */
export interface CellData extends Attributes {
	readonly content: number;
}

/** What was read of a line, until it is handed out to be written to. */
export interface KnownRow {
	readonly row: Row;
	/** That the text goes on in the next row can be told to the client by printing over the last cell. */
	readonly joins: boolean;
}

export interface Line {
	isWrapped: boolean;
	readonly length: number;
	/** `CELL` words for every cell. May have more than `length` cells. */
	readonly _data: Uint32Array;
	/** Styles of underlines, by column. */
	_extendedAttrs: { [column: number]: object | undefined };
	/** Texts of more than one code point, by column. */
	_combined: { [column: number]: string };
	clone(): Line;
	/** Becomes a copy of another line. */
	copyFrom(line: Line): void;
	/** These two are ours, not of xterm.js: see repeated-tail.ts and row-reader.ts. */
	repeatedTail?: { readonly from: number; readonly background: number } | undefined;
	known?: KnownRow | undefined;
	setCell(column: number, cell: CellData): void;
	setCellFromCodepoint(column: number, codePoint: number, width: number, attributes: Attributes): void;
	insertCells(column: number, count: number, fill: CellData): void;
	deleteCells(column: number, count: number, fill: CellData): void;
	/** Erases cells from `first` up to but not including `end`. */
	replaceCells(first: number, end: number, fill: CellData, unprotectedOnly?: boolean): void;
}

export interface Lines {
	/** Circular: what stands at an index is at `_getCyclicIndex` of it. */
	readonly _array: (Line | undefined)[];
	_getCyclicIndex(index: number): number;
	readonly length: number;
	readonly maxLength: number;
	get(index: number): Line | undefined;
	set(index: number, line: Line | undefined): void;
	push(line: Line): void;
	/** Makes the first line, whatever is in it, the last. */
	recycle(): Line;
	shiftElements(start: number, count: number, offset: number): void;
}

export interface LineBuffer {
	readonly lines: Lines;
	readonly _rows: number;
	readonly _cols: number;
	/** By column. */
	tabs: { [column: number]: boolean | undefined };
	/** First line of the screen. */
	readonly ybase: number;
	readonly scrollTop: number;
	readonly scrollBottom: number;
	x: number;
	y: number;
	/** Default attributes unless given. */
	getBlankLine(attributes?: Attributes): Line;
	fillViewportRows(attributes?: Attributes): void;
	nextStop(): number;
	prevStop(): number;
	/** Sets the stops of a new screen, or only those from a column on when the screen has grown. */
	setupTabStops(from?: number): void;
}

/** The line of a row of the screen as it is; `readableLine` for what it shows. */
export function lineOfRow({ lines, ybase }: LineBuffer, row: number): Line | undefined {
	return lines._array[lines._getCyclicIndex(ybase + row)];
}

/** A view of `count` words, to be compared as a whole. */
export function wordsAsBytes(words: Uint32Array, first: number, count: number): Buffer {
	const { BYTES_PER_ELEMENT: size } = Uint32Array;
	return Buffer.from(words.buffer, words.byteOffset + first * size, count * size);
}

/** The parameters of a sequence, to be read and changed in place. */
export interface RawParameters {
	readonly params: Int32Array;
}

/** Collects OSC or DCS strings. */
export interface StringParser {
	put(codePoints: Uint32Array, from: number, to: number): void;
}

export interface Parser {
	/** Of the character just printed, as made by the WidthProvider; 0 when that is not what came last. */
	readonly precedingJoinState: number;
	readonly _oscParser: StringParser & { start(): void };
	readonly _dcsParser: StringParser & { hook(...given: unknown[]): void };
	/** What becomes of that for which there is no handler. */
	setCsiHandlerFallback(handler: () => void): void;
	setEscHandlerFallback(handler: () => void): void;
	setExecuteHandlerFallback(handler: () => void): void;
	setOscHandlerFallback(handler: () => void): void;
	setDcsHandlerFallback(handler: () => void): void;
}

export interface BufferService {
	/** Scrolls the scrolling region of the active buffer up by a line, which may go on from the one above. */
	scroll(attributes: Attributes, wrapped?: boolean): void;
}

export interface InputHandler {
	readonly _parser: Parser;
	readonly _activeBuffer: LineBuffer;
	readonly _bufferService: BufferService;
	/** What is printed next takes these. */
	readonly _curAttrData: { readonly fg: number; bg: number };
	/** SGR. */
	charAttributes(parameters: RawParameters): boolean;
	/** The background that erasing leaves. */
	_eraseAttrData(): Attributes;
	/** Brings a cursor that waits to wrap, or is outside, back to the screen (to `maximum`, if given, in its row). */
	_restrictCursor(maximum?: number): void;
	/** From the top left corner of the screen, or of the scrolling region in origin mode. */
	_setCursor(column: number, row: number): void;
	eraseInLine(parameters: RawParameters): boolean;
	/** Prints code points. */
	print(codePoints: Uint32Array, from: number, to: number): void;
}

export interface Core {
	readonly _inputHandler: InputHandler;
	/** Unlike the public function of this name it hands over the parameters themselves. */
	registerCsiHandler(id: IFunctionIdentifier, handler: (parameters: RawParameters) => boolean): IDisposable;
	readonly coreService: {
		readonly modes: { readonly insertMode: boolean };
		readonly decPrivateModes: { readonly wraparound: boolean };
	};
}

/** Undefined when this version of xterm.js is made otherwise. */
export function internalsOf(terminal: Terminal): Core | undefined {
	const { _core: core } = terminal as unknown as { _core?: Partial<Core> };
	const handler = core?._inputHandler;
	const buffer = handler?._activeBuffer;
	const lines = buffer?.lines;
	const line = lines?.get?.(0);
	const functions = [
		core?.registerCsiHandler,
		handler?._parser?._oscParser?.start,
		handler?._parser?._oscParser?.put,
		handler?._parser?._dcsParser?.hook,
		handler?._parser?._dcsParser?.put,
		handler?._parser?.setCsiHandlerFallback,
		handler?._parser?.setEscHandlerFallback,
		handler?._parser?.setExecuteHandlerFallback,
		handler?._parser?.setOscHandlerFallback,
		handler?._parser?.setDcsHandlerFallback,
		handler?._bufferService?.scroll,
		handler?.charAttributes,
		handler?._eraseAttrData,
		handler?._restrictCursor,
		handler?._setCursor,
		handler?.eraseInLine,
		handler?.print,
		buffer?.getBlankLine,
		buffer?.fillViewportRows,
		buffer?.nextStop,
		buffer?.prevStop,
		buffer?.setupTabStops,
		lines?._getCyclicIndex,
		lines?.recycle,
		lines?.shiftElements,
		line?.clone,
		line?.copyFrom,
		line?.setCell,
		line?.insertCells,
		line?.deleteCells,
		line?.replaceCells,
		line?.setCellFromCodepoint,
	];
	const numbers = [
		buffer?._rows,
		buffer?.ybase,
		buffer?.scrollTop,
		buffer?.scrollBottom,
		buffer?.x,
		buffer?.y,
		handler?._parser?.precedingJoinState,
		handler?._curAttrData?.fg,
		handler?._curAttrData?.bg,
		lines?.maxLength,
		line?.length,
	];
	const known =
		functions.every((member) => typeof member === "function") &&
		numbers.every((member) => typeof member === "number") &&
		Array.isArray(lines?._array) &&
		typeof line?._combined === "object" &&
		typeof line._extendedAttrs === "object" &&
		line._data instanceof Uint32Array &&
		typeof buffer?.tabs === "object" &&
		typeof core?.coreService?.modes?.insertMode === "boolean" &&
		typeof core.coreService.decPrivateModes?.wraparound === "boolean";
	return known ? (core as Core) : undefined;
}
