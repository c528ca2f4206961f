/**
 * Reimplements sequences for which xterm.js takes time proportional to a count chosen by the program, or to the size of
 * the screen where the stock emulator does not: same result, in the time for one line.
 */
import type { Terminal } from "@xterm/headless";
import { limitMarks } from "./cell-marks.js";
import { copyCell, moveCellsAsWords } from "./cell-moves.js";
import {
	type Core,
	type InputHandler,
	type LineBuffer,
	type LineStore,
	lineOfRow,
	type RawParameters,
	WIDTH_SHIFT,
} from "./internals.js";
import { eraseUnprotected } from "./selective-erase.js";
import {
	allowSharedLines,
	blankRows,
	fillRows,
	isShared,
	keepLeaving,
	releaseRow,
	scrollRows,
	scrollScreen,
} from "./shared-lines.js";
import { clearTabStops, setTabStopsFast } from "./tab-stops.js";

const LETTER_E = 0x45;
const E_CONTENT = LETTER_E | (1 << WIDTH_SHIFT);
const DEFAULT_COLOURS = { fg: 0, bg: 0 };
const TO_END = oneParameter(0);
const FROM_START = oneParameter(1);

export function takeOverLineFunctions(terminal: Terminal, core: Core): void {
	const handler = core._inputHandler;
	allowSharedLines(handler._activeBuffer);
	setTabStopsFast(handler);
	const line = handler._activeBuffer.getBlankLine();
	moveCellsAsWords(line);
	limitMarks(line);
	const register = (final: string, carryOut: (buffer: LineBuffer, count: number) => void): void => {
		core.registerCsiHandler({ final }, ({ params }) => {
			carryOut(handler._activeBuffer, params[0] || 1);
			return true;
		});
	};
	register("L", (_, count) => moveFromCursor(handler, -count));
	register("M", (_, count) => moveFromCursor(handler, count));
	register("S", (buffer, count) => {
		keepLeaving(buffer, count, historyOf(handler));
		scrollRows(buffer, buffer.scrollTop, buffer.scrollBottom, count, handler._eraseAttrData());
	});
	// Lines inserted at the top have the default background in xterm.js.
	register("T", (buffer, count) => scrollRows(buffer, buffer.scrollTop, buffer.scrollBottom, -count));
	register("I", (buffer, count) => moveByTabs(buffer, terminal.cols, count, () => buffer.nextStop()));
	register("Z", (buffer, count) => moveByTabs(buffer, terminal.cols, count, () => buffer.prevStop()));
	core.registerCsiHandler({ final: "g" }, ({ params }) => {
		clearTabStops(handler._activeBuffer, params[0] ?? 0);
		return true;
	});
	terminal.parser.registerEscHandler({ intermediates: "#", final: "8" }, () =>
		showAlignment(terminal, handler),
	);
	takeOverScroll(handler);
	core.registerCsiHandler({ final: "J" }, ({ params }) => eraseInDisplay(terminal, handler, params[0] ?? 0));
	takeOverSelectiveErase(terminal, core, handler);
}

/** DECSED and DECSEL: ordinary erases until a program protects cells (DECSCA), which hardly one does. */
function takeOverSelectiveErase(terminal: Terminal, core: Core, handler: InputHandler): void {
	let mayBeProtected = false;
	core.registerCsiHandler({ intermediates: '"', final: "q" }, ({ params }) => {
		mayBeProtected ||= params[0] === 1;
		return false;
	});
	terminal.parser.registerEscHandler({ final: "c" }, () => {
		mayBeProtected = false;
		return false;
	});
	core.registerCsiHandler({ prefix: "?", final: "J" }, ({ params }) => {
		const erase = mayBeProtected ? eraseSelectively : eraseInDisplay;
		return inDefaultColours(handler, () => erase(terminal, handler, params[0] ?? 0));
	});
	core.registerCsiHandler({ prefix: "?", final: "K" }, (parameters) =>
		inDefaultColours(handler, () =>
			mayBeProtected
				? eraseLineSelectively(terminal, handler, parameters.params[0] ?? 0)
				: handler.eraseInLine(parameters),
		),
	);
}

/** xterm erases selectively to the default background, xterm.js to the current one. */
export function inDefaultColours(handler: InputHandler, erase: () => boolean): boolean {
	const { _eraseAttrData: attributes } = handler;
	handler._eraseAttrData = () => DEFAULT_COLOURS;
	const done = erase();
	handler._eraseAttrData = attributes;
	return done;
}

/** As `eraseInDisplay`, and with the same effect on `isWrapped`. */
function eraseSelectively(terminal: Terminal, handler: InputHandler, which: number): boolean {
	const { cols: columns, rows } = terminal;
	const buffer = handler._activeBuffer;
	handler._restrictCursor(columns);
	const attributes = handler._eraseAttrData();
	if (which === 0) {
		eraseLineSelectively(terminal, handler, which);
		blankRows(buffer, buffer.y + 1, rows, attributes, true);
	} else if (which === 1) {
		eraseLineSelectively(terminal, handler, which);
		endWrap(buffer, buffer.y);
		if (buffer.x + 1 >= columns) {
			endWrap(buffer, buffer.y + 1);
		}
		blankRows(buffer, 0, buffer.y, attributes, true);
	} else if (which === 2) {
		blankRows(buffer, 0, rows, attributes, true);
	}
	return true;
}

function eraseLineSelectively({ cols: columns }: Terminal, handler: InputHandler, which: number): boolean {
	const buffer = handler._activeBuffer;
	handler._restrictCursor(columns);
	const { x, y } = buffer;
	const attributes = handler._eraseAttrData();
	if (which === 2 || (which === 0 && x === 0)) {
		blankRows(buffer, y, y + 1, attributes, true);
	} else if (which === 0 || which === 1) {
		const line = buffer.lines.get(buffer.ybase + y);
		if (line !== undefined) {
			eraseUnprotected(line, which === 0 ? x : 0, which === 0 ? columns : x + 1, attributes.bg);
		}
	}
	return true;
}

function oneParameter(value: number): RawParameters {
	const params = Int32Array.of(value);
	return { length: 1, params, _subParamsLength: 0, hasSubParams: () => false, getSubParams: () => null };
}

/** Scrolling by line feeds and wraps at the bottom. */
function takeOverScroll(handler: InputHandler): void {
	const service = handler._bufferService;
	const { scroll } = service;
	service.scroll = (attributes, wrapped = false) => {
		if (!scrollScreen(handler._activeBuffer, attributes, wrapped, historyOf(handler))) {
			scroll.call(service, attributes, wrapped);
		}
	};
}

/** Of the screen that is shown: the alternate one has none. */
function historyOf({ history, _bufferService: { buffers } }: InputHandler): LineStore | undefined {
	return history !== undefined && buffers.active === buffers.normal ? history : undefined;
}

/** DECALN. */
function showAlignment({ cols: columns, rows }: Terminal, handler: InputHandler): boolean {
	const buffer = handler._activeBuffer;
	let line = lineOfRow(buffer, 0);
	const { 0: content, 1: foreground, 2: background } = line?._data ?? [];
	// The screen often shows it already.
	const again = content === E_CONTENT && foreground === 0 && background === 0;
	if (line === undefined || !isShared(line) || !again) {
		line = buffer.getBlankLine();
		line.setCellFromCodepoint(0, LETTER_E, 1, DEFAULT_COLOURS);
		copyCell(line, 0, columns - 1);
	}
	fillRows(buffer, 0, rows, line);
	handler._setCursor(0, 0);
	return true;
}

/** Insert and delete lines. */
function moveFromCursor(handler: InputHandler, up: number): void {
	handler._restrictCursor();
	const buffer = handler._activeBuffer;
	const { y, scrollTop, scrollBottom } = buffer;
	if (y < scrollTop || y > scrollBottom) {
		return;
	}
	scrollRows(buffer, y, scrollBottom, up, handler._eraseAttrData());
	buffer.x = 0;
}

/** Stops when nothing changes: at the margin, every further tab stop is where the cursor is. */
function moveByTabs(buffer: LineBuffer, columns: number, count: number, stop: () => number): void {
	// With a wrap pending the cursor stays.
	if (buffer.x >= columns) {
		return;
	}
	for (let left = count; left > 0; left--) {
		const next = stop();
		if (next === buffer.x) {
			return;
		}
		buffer.x = next;
	}
}

/** The cursor's row is left to xterm.js, except for how erasing a display affects `isWrapped`. */
function eraseInDisplay(terminal: Terminal, handler: InputHandler, which: number): boolean {
	const { cols: columns, rows } = terminal;
	const buffer = handler._activeBuffer;
	handler._restrictCursor();
	if (which === 0) {
		handler.eraseInLine(TO_END);
		blankRows(buffer, buffer.y + 1, rows, handler._eraseAttrData());
	} else if (which === 1) {
		handler.eraseInLine(FROM_START);
		endWrap(buffer, buffer.y);
		if (buffer.x + 1 >= columns) {
			endWrap(buffer, buffer.y + 1);
		}
		blankRows(buffer, 0, buffer.y, handler._eraseAttrData());
	} else if (which === 2) {
		releaseRow(buffer, buffer.y);
		blankRows(buffer, 0, rows, handler._eraseAttrData());
	}
	return true;
}

/** The line above no longer continues in this row. */
export function endWrap(buffer: LineBuffer, row: number): void {
	if (lineOfRow(buffer, row)?.isWrapped !== true) {
		return;
	}
	const line = buffer.lines.get(buffer.ybase + row);
	if (line !== undefined) {
		line.isWrapped = false;
	}
}
