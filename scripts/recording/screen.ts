/** Reads the screen of an xterm.js terminal as a frame of a recording. */

import type { IBufferCell, Terminal } from "@xterm/headless";
import type { Cell, Frame } from "./frame.js";

/** The 16 colours of the recording's terminal, each readable on its background. */
const PALETTE = [
	["#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4"],
	["#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff"],
].flat();
export const FOREGROUND = "#e6edf3";
export const BACKGROUND = "#161b22";

/** A shade of the 6×6×6 cube of the 256 colours. */
const LEVELS = [0, 95, 135, 175, 215, 255];

/** @param hiddenCursor whether the program has hidden the cursor, which the terminal's API does not tell */
export function screenOf(terminal: Terminal, hiddenCursor: boolean): Pick<Frame, "rows" | "cursor"> {
	const { active } = terminal.buffer;
	const rows = Array.from({ length: terminal.rows }, (_, row) => {
		const line = active.getLine(active.baseY + row);
		return Array.from({ length: terminal.cols }, (_, column) => cellOf(line?.getCell(column)));
	});
	const cursor = hiddenCursor ? undefined : { row: active.cursorY, column: active.cursorX };
	return { rows, cursor };
}

function cellOf(cell: IBufferCell | undefined): Cell {
	if (cell === undefined) {
		return { text: " ", style: "", background: "" };
	}
	const text = cell.getWidth() === 0 ? "" : cell.getChars() || " ";
	let foreground = cell.isFgDefault() ? "" : colour(cell.getFgColor(), cell.isFgRGB());
	let background = cell.isBgDefault() ? "" : colour(cell.getBgColor(), cell.isBgRGB());
	if (cell.isInverse()) {
		[foreground, background] = [background || BACKGROUND, foreground || FOREGROUND];
	}
	const style = [
		foreground && `fill:${foreground}`,
		cell.isBold() && "font-weight:bold",
		cell.isItalic() && "font-style:italic",
		cell.isUnderline() && "text-decoration:underline",
		cell.isDim() && "fill-opacity:.6",
		cell.isInvisible() && "fill-opacity:0",
	];
	// A blank shows nothing of its style, unless it is underlined.
	const shown = text === " " && !cell.isUnderline() ? "" : style.filter(Boolean).join(";");
	return { text, style: shown, background };
}

function colour(value: number, rgb: boolean): string {
	if (rgb) {
		return `#${value.toString(16).padStart(6, "0")}`;
	}
	const named = PALETTE[value];
	if (named !== undefined) {
		return named;
	}
	if (value >= 232) {
		return `rgb(${Array(3).fill(8 + 10 * (value - 232))})`;
	}
	const index = value - 16;
	return `rgb(${[Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((level) => LEVELS[level])})`;
}
