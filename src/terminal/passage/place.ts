/** How far a client's terminal has come on the tape of lines (`History`), as far as it was told. */

import type { Row } from "../screen/row.js";
import type { Screen } from "../screen/screen.js";

/**
 * What the rows on the screen are. `fresh`: nothing yet. `lines`: the screen as it is, or lines of the tape that are about to
 * scroll off. In a flood, too much to be scrolled off: `leaving`: only the top row still has to; `adrift`: none has to.
 */
export type Phase = "fresh" | "lines" | "leaving" | "adrift";

export interface Place {
	readonly phase: Phase;
	/** The line that has to scroll off next: all before it have, or were left out. */
	readonly line: number;
	/** Stands in the place of a line and says how many were left out. */
	readonly marker?: { readonly line: number; readonly skipped: number; readonly row: Row } | undefined;
	/** Where a flood has pushed the lines that are shown off the tape already: how many of the rows are lines. */
	readonly height?: number | undefined;
	/** Lines that have scrolled off the terminal's screen since the start. */
	readonly fed: number;
	/** Counts the states that only show again what is there. */
	readonly turns: number;
}

/** What a client has been sent. */
export interface Shown {
	readonly screen: Screen;
	readonly place: Place;
	/** The program uses the alternate screen. */
	readonly fullScreen: boolean;
}

/**
 * What a client is to have in the end. `lines`: all lines above the screen in its terminal's scrollback, but for those beyond
 * `limit`. `flood`: the screen for now, as more comes than can be told. `still`: the screen, and nothing scrolls for now.
 */
export interface Wanted {
	/** With `top`. */
	readonly screen: Screen;
	readonly fullScreen: boolean;
	readonly mode: "lines" | "flood" | "still";
	readonly limit: number;
}

export function startingAt(line: number): Place {
	return { phase: "fresh", line, fed: 0, turns: 0 };
}

export function samePlace(a: Place, b: Place): boolean {
	return (
		a === b ||
		(a.phase === b.phase &&
			a.line === b.line &&
			a.fed === b.fed &&
			a.turns === b.turns &&
			a.height === b.height &&
			a.marker?.line === b.marker?.line)
	);
}

/** The same way to screens that are equal. */
export function sameWanted(a: Wanted, b: Wanted): boolean {
	const alike = a.mode === b.mode && a.fullScreen === b.fullScreen && a.screen.top === b.screen.top;
	return alike && (a.mode !== "lines" || a.limit === b.limit);
}

/** Whether lines still have to scroll off a terminal at `place`, or come to stand where they do. */
export function hasFurtherToGo(place: Place, { mode, screen: { top = 0 } }: Wanted): boolean {
	switch (mode) {
		case "still":
			return false;
		case "flood":
			return place.phase !== "adrift";
		case "lines":
			return place.line < top || place.phase === "adrift" || place.phase === "leaving";
	}
}
