/**
 * Reimplements sequences for which xterm.js takes time proportional to a count chosen by the program, or to the size of
 * the screen where the stock emulator does not: same result, in the time for one line.
 */
import type { Terminal } from "@xterm/headless";
import { copyCell, moveCellsAsWords } from "./cell-moves.js";
import {
	type Core,
	EXTENDED_BIT,
	type InputHandler,
	type LineBuffer,
	lineOfRow,
	type RawParameters,
	WIDTH_SHIFT,
} from "./internals.js";
import {
	allowSharedLines,
	blankRows,
	fillRows,
	isShared,
	releaseRow,
	scrollRows,
	scrollScreen,
} from "./shared-lines.js";
import { setTabStopsFast } from "./tab-stops.js";

const LETTER_E = 0x45;
const E_CONTENT = LETTER_E | (1 << WIDTH_SHIFT);
const TO_END: RawParameters = { params: Int32Array.of(0) };
const FROM_START: RawParameters = { params: Int32Array.of(1) };

export function takeOverLineFunctions(terminal: Terminal, core: Core): void {
	const handler = core._inputHandler;
	allowSharedLines(handler._activeBuffer);
	setTabStopsFast(handler._activeBuffer);
	moveCellsAsWords(handler._activeBuffer.getBlankLine());
	const register = (final: string, carryOut: (buffer: LineBuffer, count: number) => void): void => {
		core.registerCsiHandler({ final }, ({ params }) => {
			carryOut(handler._activeBuffer, params[0] || 1);
			return true;
		});
	};
	register("L", (_, count) => moveFromCursor(handler, -count));
	register("M", (_, count) => moveFromCursor(handler, count));
	register("S", (buffer, count) => {
		scrollRows(buffer, buffer.scrollTop, buffer.scrollBottom, count, handler._eraseAttrData());
	});
	// Lines inserted at the top have the default background in xterm.js.
	register("T", (buffer, count) => scrollRows(buffer, buffer.scrollTop, buffer.scrollBottom, -count));
	register("I", (buffer, count) => moveByTabs(buffer, terminal.cols, count, () => buffer.nextStop()));
	register("Z", (buffer, count) => moveByTabs(buffer, terminal.cols, count, () => buffer.prevStop()));
	// An array, in which a search for the next stop takes a fraction of the time that it does in an empty object.
	core.registerCsiHandler({ final: "g" }, ({ params }) => {
		if (params[0] !== 3) {
			return false;
		}
		handler._activeBuffer.tabs = new Array(terminal.cols);
		return true;
	});
	terminal.parser.registerEscHandler({ intermediates: "#", final: "8" }, () =>
		showAlignment(terminal, handler),
	);
	takeOverScroll(handler);
	core.registerCsiHandler({ final: "J" }, ({ params }) => eraseInDisplay(terminal, handler, params[0] ?? 0));
	takeOverSelectiveErase(terminal, core, handler);
}

/**
 * For a selective erase xterm.js examines every cell of the screen. Until a program protects any (DECSCA), which hardly one
 * does, it is an ordinary erase.
 */
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
		return !mayBeProtected && eraseInDisplay(terminal, handler, params[0] ?? 0);
	});
	core.registerCsiHandler({ prefix: "?", final: "K" }, (parameters) => {
		return !mayBeProtected && handler.eraseInLine(parameters);
	});
}

/** Scrolling by line feeds and wraps at the bottom. */
function takeOverScroll(handler: InputHandler): void {
	const service = handler._bufferService;
	const { scroll } = service;
	service.scroll = (attributes, wrapped = false) => {
		if (!scrollScreen(handler._activeBuffer, attributes, wrapped)) {
			scroll.call(service, attributes, wrapped);
		}
	};
}

/** DECALN. */
function showAlignment({ cols: columns, rows }: Terminal, handler: InputHandler): boolean {
	const buffer = handler._activeBuffer;
	const { fg, bg } = handler._curAttrData;
	let line = lineOfRow(buffer, 0);
	const { 0: content, 1: foreground, 2: background } = line?._data ?? [];
	// The screen often shows it already. Underline styles are not in the words of a cell.
	const again = content === E_CONTENT && foreground === fg >>> 0 && background === bg >>> 0;
	if (line === undefined || !isShared(line) || !again || (bg & EXTENDED_BIT) !== 0) {
		line = buffer.getBlankLine();
		line.setCellFromCodepoint(0, LETTER_E, 1, handler._curAttrData);
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
	handler._restrictCursor(columns);
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
function endWrap(buffer: LineBuffer, row: number): void {
	const line = buffer.lines.get(buffer.ybase + row);
	if (line !== undefined) {
		line.isWrapped = false;
	}
}
