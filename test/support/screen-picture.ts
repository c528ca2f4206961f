/** A screen of ours as the model of the client's emulator pictures its own, so that the two can be compared. */

import * as packed from "../../src/terminal/screen/rendition.js";
import { CELL_WORDS, COMBINED, type Row, SPACER, WIDE } from "../../src/terminal/screen/row.js";
import type { Screen } from "../../src/terminal/screen/screen.js";
import {
	type Colour,
	defaultRendition,
	initialLatent,
	type ModelCell,
	type ModelScreen,
	type Rendition,
} from "./stock-emulator/index.js";

export function pictureOfScreen(screen: Screen): ModelScreen {
	return {
		columns: screen.columns,
		rows: screen.rows,
		lines: screen.lines.map((row) => ({ cells: pictureRow(row), wrapped: row.wraps })),
		cursor: { row: screen.cursorRow, column: screen.cursorColumn },
		cursorVisible: screen.cursorVisible,
		rendition: unpack(screen.rendition.foreground, screen.rendition.background),
		reverseVideo: screen.reverseVideo,
		title: screen.title,
		iconName: screen.iconName,
		clipboard: screen.clipboard,
		bellCount: screen.bells,
		bracketedPaste: screen.bracketedPaste,
		mouseMode: screen.mouseMode,
		mouseEncoding: screen.mouseEncoding,
		focusReports: screen.focusReports,
		latent: initialLatent(screen.columns, screen.rows),
	};
}

function pictureRow(row: Row): ModelCell[] {
	const cells: ModelCell[] = [];
	for (let at = 0; at < row.cells.length; at += CELL_WORDS) {
		const word = row.cells[at] ?? 0;
		const left = cells.at(-1);
		if (word & SPACER) {
			cells.push({ text: "", width: 0, rendition: left?.rendition ?? defaultRendition });
			continue;
		}
		const blank = word === 0 || (word === 0x20 && (word & COMBINED) === 0);
		const rendition = unpack(row.cells[at + 1] ?? 0, row.cells[at + 2] ?? 0);
		const shows = !blank || rendition.underlined || rendition.inverse;
		cells.push({
			text: blank ? " " : row.textAt(at / CELL_WORDS),
			width: word & WIDE ? 2 : 1,
			rendition: shows ? rendition : { ...defaultRendition, background: rendition.background },
		});
	}
	return cells;
}

function unpack(foreground: number, background: number): Rendition {
	return {
		bold: (foreground & packed.BOLD) !== 0,
		italic: (foreground & packed.ITALIC) !== 0,
		underlined: (foreground & packed.UNDERLINE) !== 0,
		blink: (foreground & packed.BLINK) !== 0,
		inverse: (foreground & packed.INVERSE) !== 0,
		invisible: (foreground & packed.INVISIBLE) !== 0,
		foreground: colour(foreground),
		background: colour(background),
	};
}

function colour(word: number): Colour {
	const kind = word & packed.KIND_MASK;
	const value = word & packed.COLOUR_MASK;
	if (kind === 0) {
		return "default";
	}
	return kind === packed.INDEXED ? value : `#${value.toString(16).padStart(6, "0")}`;
}
