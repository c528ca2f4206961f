/**
 * A screen: all state of the client's emulator that a diff can change (protocol §4.4). Immutable; shares every unchanged
 * row with earlier screens, since up to 32 are alive at once.
 */
import type { MouseEncoding, MouseMode } from "./modes.js";
import { DEFAULT_RENDITION, type Rendition, sameRendition } from "./rendition.js";
import { blankRow, type Row } from "./row.js";

export interface Screen {
	/** 2 to 1000, with 1 to 500 rows (see `clampSize`). */
	readonly columns: number;
	readonly rows: number;
	/** From the top; `rows` of them. */
	readonly lines: readonly Row[];
	/** 0-based. */
	readonly cursorRow: number;
	readonly cursorColumn: number;
	readonly cursorVisible: boolean;
	/** Parameter of DECSCUSR, 0 to 6; 0: the terminal's own. */
	readonly cursorShape: number;
	/** Applied to the next character printed. */
	readonly rendition: Rendition;
	readonly reverseVideo: boolean;
	readonly bracketedPaste: boolean;
	readonly focusReports: boolean;
	readonly mouseMode: MouseMode;
	readonly mouseEncoding: MouseEncoding;
	/** At most 254 code points each, without control characters. */
	readonly title: string;
	readonly iconName: string;
	/** DATA of OSC 52;c;DATA, as sent by the program. */
	readonly clipboard: string;
	/** How often the program has set the clipboard. Clients do not know: screens that differ in it alone are equal. */
	readonly copies: number;
	/** Number of bells since the start of the session. */
	readonly bells: number;
	/** The number in the history of the line in the main screen's top row; only where the emulator is asked for it. Not compared. */
	readonly top?: number;
}

/** The state of a client before the first diff (protocol §5.1). The size is clamped. */
export function blankScreen(columns: number, rows: number): Screen {
	const size = clampSize(columns, rows);
	const row = blankRow(size.columns);
	return {
		...size,
		lines: Array.from({ length: size.rows }, () => row),
		cursorRow: 0,
		cursorColumn: 0,
		cursorVisible: true,
		cursorShape: 0,
		rendition: DEFAULT_RENDITION,
		reverseVideo: false,
		bracketedPaste: false,
		focusReports: false,
		mouseMode: 0,
		mouseEncoding: 0,
		title: "",
		iconName: "",
		clipboard: "",
		copies: 0,
		bells: 0,
	};
}

export function isSameSize(
	a: Pick<Screen, "columns" | "rows">,
	b: Pick<Screen, "columns" | "rows">,
): boolean {
	return a.columns === b.columns && a.rows === b.rows;
}

/** True when clients in states `a` and `b` cannot be told apart. */
export function screensEqual(a: Screen, b: Screen): boolean {
	return (
		a === b ||
		(a.columns === b.columns &&
			a.rows === b.rows &&
			a.cursorRow === b.cursorRow &&
			a.cursorColumn === b.cursorColumn &&
			a.cursorVisible === b.cursorVisible &&
			a.cursorShape === b.cursorShape &&
			sameRendition(a.rendition, b.rendition) &&
			a.reverseVideo === b.reverseVideo &&
			a.bracketedPaste === b.bracketedPaste &&
			a.focusReports === b.focusReports &&
			a.mouseMode === b.mouseMode &&
			a.mouseEncoding === b.mouseEncoding &&
			a.title === b.title &&
			a.iconName === b.iconName &&
			a.clipboard === b.clipboard &&
			a.bells === b.bells &&
			sameLines(a.lines, b.lines))
	);
}

function sameLines(a: readonly Row[], b: readonly Row[]): boolean {
	return a === b || (a.length === b.length && a.every((row, index) => row.equals(b[index] ?? row)));
}

/** xterm.js has no terminal of one column. */
const MIN_COLUMNS = 2;
/** Far larger than any real window; limits what a client can make the server allocate to about 100 MB with 32 full screens. */
export const MAX_COLUMNS = 1000;
const MAX_ROWS = 500;

/** The nearest valid screen size; NaN becomes the minimum. */
export function clampSize(columns: number, rows: number): { columns: number; rows: number } {
	return {
		columns: Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, Math.trunc(columns) || 0)),
		rows: Math.min(MAX_ROWS, Math.max(1, Math.trunc(rows) || 0)),
	};
}
