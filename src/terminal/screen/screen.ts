/**
 * A screen: everything the client's emulator holds that a diff can bring about (protocol §4.4). Immutable,
 * sharing every row that did not change with the screens before it, since up to 32 are alive at once.
 */
import type { MouseEncoding, MouseMode } from "./modes.js";
import { DEFAULT_RENDITION, type Rendition } from "./rendition.js";
import { blankRow, type Row } from "./row.js";

export interface Screen {
	/** 2 to 1000 (see `clampSize`), as are the rows from 1 on. */
	readonly columns: number;
	readonly rows: number;
	/** From the top; as many as `rows`. */
	readonly lines: readonly Row[];
	/** 0-based. */
	readonly cursorRow: number;
	readonly cursorColumn: number;
	readonly cursorVisible: boolean;
	/** What the next printed character takes. */
	readonly rendition: Rendition;
	readonly reverseVideo: boolean;
	readonly bracketedPaste: boolean;
	readonly focusReports: boolean;
	readonly mouseMode: MouseMode;
	readonly mouseEncoding: MouseEncoding;
	/** At most 254 code points each, without control characters. */
	readonly title: string;
	readonly iconName: string;
	/** DATA of OSC 52;c;DATA as the program sent it. */
	readonly clipboard: string;
	/** Bells since the start. */
	readonly bells: number;
}

/** What a client holds before the first diff (protocol §5.1). The size is clamped. */
export function blankScreen(columns: number, rows: number): Screen {
	const size = clampSize(columns, rows);
	const row = blankRow(size.columns);
	return {
		...size,
		lines: Array.from({ length: size.rows }, () => row),
		cursorRow: 0,
		cursorColumn: 0,
		cursorVisible: true,
		rendition: DEFAULT_RENDITION,
		reverseVideo: false,
		bracketedPaste: false,
		focusReports: false,
		mouseMode: 0,
		mouseEncoding: 0,
		title: "",
		iconName: "",
		clipboard: "",
		bells: 0,
	};
}

/** True when a client that holds `a` shows and does everything that one holding `b` does. */
export function screensEqual(a: Screen, b: Screen): boolean {
	return (
		a === b ||
		(a.columns === b.columns &&
			a.rows === b.rows &&
			a.cursorRow === b.cursorRow &&
			a.cursorColumn === b.cursorColumn &&
			a.cursorVisible === b.cursorVisible &&
			a.rendition.foreground === b.rendition.foreground &&
			a.rendition.background === b.rendition.background &&
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
/** Far above real windows; bounds what a client can make us allocate to some 100 MB with 32 full screens held. */
const MAX_COLUMNS = 1000;
const MAX_ROWS = 500;

/** The nearest size that a screen can have; NaN counts as the smallest. */
export function clampSize(columns: number, rows: number): { columns: number; rows: number } {
	return {
		columns: Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, Math.trunc(columns) || 0)),
		rows: Math.min(MAX_ROWS, Math.max(1, Math.trunc(rows) || 0)),
	};
}
