/**
 * The parts of xterm.js that its public interface does not reach, and that keeping hostile output cheap takes
 * (shared-lines.ts, line-functions.ts, string-limit.ts). They are those of @xterm/headless 6.0.0; a test fails when they change, and
 * an emulator that does not find them does without.
 */
import type { IDisposable, IFunctionIdentifier, Terminal } from "@xterm/headless";

/** Colours and the like of a cell; of one that is blanked only the background matters. */
export type Attributes = object;

export interface Line {
	isWrapped: boolean;
	/** Texts of more than one code point, by column. */
	_combined: object;
	clone(): Line;
	setCellFromCodepoint(column: number, codePoint: number, width: number, attributes: Attributes): void;
}

export interface Lines {
	/** Circular: what stands at an index is at `_getCyclicIndex` of it. */
	readonly _array: (Line | undefined)[];
	_getCyclicIndex(index: number): number;
	readonly length: number;
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
	readonly y: number;
	/** Default attributes unless given. */
	getBlankLine(attributes?: Attributes): Line;
	fillViewportRows(attributes?: Attributes): void;
	nextStop(): number;
	prevStop(): number;
	/** Sets the stops of a new screen, or only those from a column on when the screen has grown. */
	setupTabStops(from?: number): void;
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
	readonly _oscParser: StringParser & { start(): void };
	readonly _dcsParser: StringParser & { hook(...given: unknown[]): void };
}

export interface InputHandler {
	readonly _parser: Parser;
	readonly _activeBuffer: LineBuffer;
	/** What is printed next takes these. */
	readonly _curAttrData: Attributes;
	/** The background that erasing leaves. */
	_eraseAttrData(): Attributes;
	/** Brings a cursor that waits to wrap, or is outside, back to the screen (to `maximum`, if given, in its row). */
	_restrictCursor(maximum?: number): void;
	/** From the top left corner of the screen, or of the scrolling region in origin mode. */
	_setCursor(column: number, row: number): void;
	eraseInLine(parameters: RawParameters): boolean;
}

export interface Core {
	readonly _inputHandler: InputHandler;
	/** Unlike the public function of this name it hands over the parameters themselves. */
	registerCsiHandler(id: IFunctionIdentifier, handler: (parameters: RawParameters) => boolean): IDisposable;
	readonly coreService: { readonly modes: { insertMode: boolean } };
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
		handler?._eraseAttrData,
		handler?._restrictCursor,
		handler?._setCursor,
		handler?.eraseInLine,
		buffer?.getBlankLine,
		buffer?.fillViewportRows,
		buffer?.nextStop,
		buffer?.prevStop,
		buffer?.setupTabStops,
		lines?._getCyclicIndex,
		lines?.recycle,
		lines?.shiftElements,
		line?.clone,
		line?.setCellFromCodepoint,
	];
	const numbers = [
		buffer?._rows,
		buffer?.ybase,
		buffer?.scrollTop,
		buffer?.scrollBottom,
		buffer?.x,
		buffer?.y,
	];
	const known =
		functions.every((member) => typeof member === "function") &&
		numbers.every((member) => typeof member === "number") &&
		Array.isArray(lines?._array) &&
		typeof line?._combined === "object" &&
		typeof buffer?.tabs === "object" &&
		typeof handler?._curAttrData === "object" &&
		typeof core?.coreService?.modes?.insertMode === "boolean";
	return known ? (core as Core) : undefined;
}
