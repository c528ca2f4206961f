/**
 * The parts of xterm.js that are not public but needed to keep hostile output cheap. They are those of @xterm/headless
 * 6.0.0; a test fails when they change, and an emulator that does not find them does without.
 */
import type { IDisposable, IFunctionIdentifier, Terminal } from "@xterm/headless";
import type { Row } from "../screen/row.js";

/** Rendition of a cell, packed as in its words; of an erased cell only the background matters. */
export interface Attributes {
	readonly fg: number;
	readonly bg: number;
}

/** Words for a cell: text, foreground, background. */
export const CELL = 3;

/** A cell's first word: its code point, whether its text is in `_combined` instead, and its width in columns. */
export const CODE_POINT_BITS = 0x1fffff;
export const COMBINED_BIT = 1 << 21;
export const WIDTH_SHIFT = 22;
/** Set in some bit if the cell has text of either kind. */
export const HAS_CONTENT = CODE_POINT_BITS | COMBINED_BIT;
/** Of a cell's third word: it has an entry in `_extendedAttrs`. */
export const EXTENDED_BIT = 1 << 28;

/** A cell outside of a line; the one that xterm.js passes to fill others with is blank. */
export interface CellData extends Attributes {
	readonly content: number;
}

/** What has been read from a line, valid until the line is handed out for writing. */
export interface KnownRow {
	row: Row;
	/** The row ends in text of certain width, so that the client can be made to wrap after it. */
	readonly joins: boolean;
}

/** The cells from `from` up to but not including `to`, not written yet, repeat the one before them; those after them are blank. */
export interface RepeatedTail {
	readonly from: number;
	to: number;
	readonly background: number;
}

export interface Line {
	isWrapped: boolean;
	readonly length: number;
	/** `CELL` words for every cell. May have more than `length` cells. */
	readonly _data: Uint32Array;
	/** Underline styles and colours, by column. */
	_extendedAttrs: { [column: number]: object | undefined };
	/** Texts of more than one code point, by column. */
	_combined: { [column: number]: string };
	clone(): Line;
	/** Becomes a copy of another line. */
	copyFrom(line: Line): void;
	/** Not part of xterm.js: set by repeated-tail.ts and row-reader.ts. */
	repeatedTail?: RepeatedTail | undefined;
	known?: KnownRow | undefined;
	/** Nor this: all cells from this one on are blank, without a background. Set by repeated-tail.ts. */
	blankFrom?: number | undefined;
	/** Nor this: set by selective-erase.ts. */
	erasedTo?: number | undefined;
	setCell(column: number, cell: CellData): void;
	setCellFromCodepoint(column: number, codePoint: number, width: number, attributes: Attributes): void;
	/** Adds a mark to a cell. */
	addCodepointToCell(column: number, codePoint: number, width: number): void;
	insertCells(column: number, count: number, fill: CellData): void;
	deleteCells(column: number, count: number, fill: CellData): void;
	/** Erases cells from `first` up to but not including `end`. */
	replaceCells(first: number, end: number, fill: CellData, unprotectedOnly?: boolean): void;
}

/** Set by shared-lines.ts: the whole list was filled with a blank line, and which of its lines have been written to since. */
export interface Fill {
	readonly array: readonly unknown[];
	readonly blank: Line;
	readonly moves: number;
	/** Indices in the array. */
	readonly copied: number[];
}

export interface Lines {
	/** Not part of xterm.js. */
	fill?: Fill | undefined;
	/** Circular: the line at an index is at `_getCyclicIndex` of that index. */
	readonly _array: (Line | undefined)[];
	_getCyclicIndex(index: number): number;
	/** Where the first line is. */
	_startIndex: number;
	readonly length: number;
	/** The same, to be set: the public setter visits every line. */
	_length: number;
	maxLength: number;
	get(index: number): Line | undefined;
	set(index: number, line: Line | undefined): void;
	push(line: Line): void;
	/** Makes the first line the last one, with its contents. */
	recycle(): Line;
	shiftElements(start: number, count: number, offset: number): void;
}

export interface LineBuffer {
	readonly lines: Lines;
	readonly _rows: number;
	readonly _cols: number;
	/** By column. */
	tabs: { [column: number]: boolean | number | undefined };
	/** First line of the screen. */
	ybase: number;
	ydisp: number;
	scrollTop: number;
	scrollBottom: number;
	x: number;
	y: number;
	savedX: number;
	/** With default attributes unless given. */
	getBlankLine(attributes?: Attributes): Line;
	fillViewportRows(attributes?: Attributes): void;
	nextStop(): number;
	prevStop(from?: number): number;
	/** Removes all lines and resets what belongs to them, as when the alternate screen is left. */
	clear(): void;
	/** Sets the tab stops of a new screen, or only those from a column on after the screen has grown. */
	setupTabStops(from?: number): void;
}

/** The line of a row of the screen, which may be shared or incomplete; see `readableLine`. */
export function lineOfRow({ lines, ybase }: LineBuffer, row: number): Line | undefined {
	return lines._array[lines._getCyclicIndex(ybase + row)];
}

/** A view of `count` words, to compare them all at once. */
export function wordsAsBytes(words: Uint32Array, first: number, count: number): Buffer {
	const { BYTES_PER_ELEMENT: size } = Uint32Array;
	return Buffer.from(words.buffer, words.byteOffset + first * size, count * size);
}

/** The parameters of a control sequence. */
export interface RawParameters {
	readonly length: number;
	readonly params: Int32Array;
	/** Number of parameters after colons. */
	readonly _subParamsLength: number;
	/** Whether parameter `index` is followed by others after colons. */
	hasSubParams(index: number): boolean;
	getSubParams(index: number): Int32Array | null;
}

/** Collects OSC or DCS strings. */
export interface StringParser {
	put(codePoints: Uint32Array, from: number, to: number): void;
}

/** A list of handlers for each sequence; the last is called first. */
export type CsiHandlers = Record<number, ((parameters: RawParameters) => boolean)[]>;

export interface Parser {
	/** By the sequence's final byte in the lowest byte, with intermediate bytes and the prefix above it. */
	readonly _csiHandlers: CsiHandlers;
	/** By state and class of character: an action and the next state, four bits each. Shared by all terminals. */
	readonly _transitions: { readonly table: Uint8Array };
	/** Properties of the character just printed, from the WidthProvider; 0 if something else came last. */
	precedingJoinState: number;
	readonly _oscParser: StringParser & { start(): void };
	readonly _dcsParser: StringParser & { hook(...given: unknown[]): void };
	/** Called for sequences without a handler. */
	setCsiHandlerFallback(handler: () => void): void;
	setEscHandlerFallback(handler: () => void): void;
	setExecuteHandlerFallback(handler: () => void): void;
	setOscHandlerFallback(handler: () => void): void;
	setDcsHandlerFallback(handler: () => void): void;
}

export interface Buffers {
	readonly active: LineBuffer;
	readonly normal: LineBuffer;
	readonly alt: LineBuffer;
	/** Leaves the alternate screen, and clears it. */
	activateNormalBuffer(): void;
}

export interface BufferService {
	readonly buffers: Buffers;
	/** Scrolls the scrolling region of the active buffer up by a line; `wrapped`: the new line continues the one above. */
	scroll(attributes: Attributes, wrapped?: boolean): void;
}

/** Keeps lines that are no longer on the screen (history.ts). */
export interface LineStore {
	/** Takes a line as it is; it may be used again. */
	take(line: Line): void;
	/** Takes a line that many rows share, as often as it leaves. */
	takeShared(line: Line, count: number): void;
}

export interface CursorPosition {
	buffer: LineBuffer | undefined;
	x: number;
	y: number;
}

export interface InputHandler {
	/** Not part of xterm.js: takes the lines that leave the main screen at the top. */
	history?: LineStore;
	/** Nor this: where printing has left the cursor (marks.ts). */
	printedTo?: CursorPosition;
	/** Nor this: where the cursor is if what is printed next wraps although it is not past the last column (cursor-moves.ts). */
	wrapsFrom?: CursorPosition | undefined;
	readonly _parser: Parser;
	readonly _activeBuffer: LineBuffer;
	/** `charset`: what is printed instead of a character; undefined: the character. */
	readonly _charsetService: { readonly charset?: object; readonly glevel: number };
	readonly _bufferService: BufferService;
	/** Applied to the next character printed. */
	readonly _curAttrData: { fg: number; bg: number; extended: object };
	/** SGR. */
	charAttributes(parameters: RawParameters): boolean;
	/** The colour of SGR 38, 48 or 58 at parameter `index`. Returns how many parameters follow that belong to it. */
	_extractColor(parameters: RawParameters, index: number, attributes: object): number;
	/** Applied to erased cells. */
	_eraseAttrData(): Attributes;
	/** Moves a cursor that is pending a wrap or off the screen back onto it (to column `maximum` at most, if given). */
	_restrictCursor(maximum?: number): void;
	/** Relative to the top left corner of the screen, or of the scrolling region in origin mode. */
	_setCursor(column: number, row: number): void;
	/** Relative, for all sequences that move the cursor so. */
	_moveCursor(columns: number, rows: number): void;
	eraseInLine(parameters: RawParameters): boolean;
	saveCursor(): boolean;
	restoreCursor(): boolean;
	/** DECSTR. */
	softReset(parameters: RawParameters): boolean;
	/** HTS and TBC. */
	tabSet(): boolean;
	tabClear(parameters: RawParameters): boolean;
	/** Prints code points. */
	print(codePoints: Uint32Array, from: number, to: number): void;
	/** LF, VT and FF. */
	lineFeed(): boolean;
}

export interface Core {
	readonly _inputHandler: InputHandler;
	/** Unlike the public function of this name, passes the parameters without copying them. */
	registerCsiHandler(id: IFunctionIdentifier, handler: (parameters: RawParameters) => boolean): IDisposable;
	readonly coreService: {
		readonly modes: { readonly insertMode: boolean };
		/** Replaced by another object on a reset. */
		readonly decPrivateModes: { readonly wraparound: boolean; origin: boolean };
	};
}

/** Undefined if this version of xterm.js has a different structure. */
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
		handler?._extractColor,
		handler?._eraseAttrData,
		handler?._restrictCursor,
		handler?._setCursor,
		handler?._moveCursor,
		handler?.eraseInLine,
		handler?.saveCursor,
		handler?.restoreCursor,
		handler?.softReset,
		handler?._bufferService?.buffers?.activateNormalBuffer,
		handler?.tabSet,
		handler?.tabClear,
		handler?.print,
		handler?.lineFeed,
		buffer?.getBlankLine,
		buffer?.fillViewportRows,
		buffer?.nextStop,
		buffer?.prevStop,
		buffer?.clear,
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
		line?.addCodepointToCell,
	];
	const numbers = [
		buffer?._rows,
		buffer?.ybase,
		buffer?.ydisp,
		buffer?.scrollTop,
		buffer?.scrollBottom,
		buffer?.x,
		buffer?.y,
		buffer?.savedX,
		handler?._bufferService?.buffers?.alt?.x,
		handler?._bufferService?.buffers?.normal?.x,
		handler?._parser?.precedingJoinState,
		handler?._curAttrData?.fg,
		handler?._curAttrData?.bg,
		lines?._startIndex,
		lines?._length,
		lines?.maxLength,
		line?.length,
	];
	const known =
		functions.every((member) => typeof member === "function") &&
		numbers.every((member) => typeof member === "number") &&
		Array.isArray(lines?._array) &&
		typeof line?._combined === "object" &&
		typeof line._extendedAttrs === "object" &&
		typeof handler?._curAttrData?.extended === "object" &&
		typeof handler._charsetService?.glevel === "number" &&
		line._data instanceof Uint32Array &&
		typeof buffer?.tabs === "object" &&
		typeof handler?._parser?._csiHandlers === "object" &&
		handler._parser._transitions?.table instanceof Uint8Array &&
		typeof core?.coreService?.modes?.insertMode === "boolean" &&
		typeof core.coreService.decPrivateModes?.wraparound === "boolean" &&
		typeof core.coreService.decPrivateModes.origin === "boolean";
	return known ? (core as Core) : undefined;
}
