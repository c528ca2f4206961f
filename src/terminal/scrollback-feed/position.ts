/** How far a client's terminal has come through the numbered lines (`History`), as far as it was told. */

import type { Row } from "../screen/row.js";
import type { Screen } from "../screen/screen.js";

/**
 * What the rows on the screen are. `initial`: nothing yet. `lines`: the screen as it is, or numbered lines that are about to
 * scroll off. In a flood, too much to be scrolled off: `flushing`: only the top row still has to; `detached`: none has to.
 */
export type Phase = "initial" | "lines" | "flushing" | "detached";

export interface FeedPosition {
	readonly phase: Phase;
	/** The line that has to scroll off next: all before it have, or were left out. */
	readonly line: number;
	/** Stands in place of a line and says how many were left out. */
	readonly marker?: { readonly line: number; readonly skipped: number; readonly row: Row } | undefined;
	/** Where a flood has pushed the lines that are shown out of the history already: how many of the rows are lines. */
	readonly height?: number | undefined;
	/** Lines that have scrolled off the terminal's screen since the start. */
	readonly fed: number;
	/** Counts the states that only show again what is there. */
	readonly turns: number;
	/** How often the terminal had got another size when it was last told what to show on it. */
	readonly sizes: number;
}

/** What a client has been sent. */
export interface FedScreen {
	readonly screen: Screen;
	readonly position: FeedPosition;
	/** The program uses the alternate screen. */
	readonly fullScreen: boolean;
}

/**
 * What a client is to have in the end. `lines`: all lines above the screen in its terminal's scrollback, but for those beyond
 * `limit`. `flood`: the screen for now, as more comes than can be told. `still`: the screen, and nothing scrolls for now. `held`:
 * nothing scrolls, so the lines that have to are shown instead. `waits`: nothing at all for now.
 */
export interface FeedTarget {
	/** With `top`. */
	readonly screen: Screen;
	readonly fullScreen: boolean;
	readonly mode: "lines" | "flood" | "still" | "held" | "waits";
	readonly limit: number;
	/** How often the terminal has got another size. */
	readonly sizes: number;
	/** What it may have made of that, until it certainly shows a screen of the last size. */
	readonly resized?: Resized | undefined;
}

/** A window that has got another size, and what its client was sent about that time. */
export interface Resized {
	/** In the order in which it draws them. */
	readonly shown: readonly FedScreen[];
	/** Index of the last that it has certainly drawn by now. */
	readonly certain: number;
	readonly changes: readonly WindowChange[];
}

/** Indices of the states between which it happened: of the last that had certainly been drawn before, and of the last that can have been. */
export interface WindowChange {
	readonly columns: number;
	readonly rows: number;
	readonly earliest: number;
	readonly latest: number;
}

export function initialPosition(line: number): FeedPosition {
	return { phase: "initial", line, fed: 0, turns: 0, sizes: 0 };
}

export function samePosition(a: FeedPosition, b: FeedPosition): boolean {
	return (
		a === b ||
		(a.phase === b.phase &&
			a.line === b.line &&
			a.fed === b.fed &&
			a.turns === b.turns &&
			a.sizes === b.sizes &&
			a.height === b.height &&
			a.marker?.line === b.marker?.line)
	);
}

/** The same way to screens that are equal. */
export function sameTarget(a: FeedTarget, b: FeedTarget): boolean {
	const alike =
		a.mode === b.mode &&
		a.sizes === b.sizes &&
		a.fullScreen === b.fullScreen &&
		a.screen.top === b.screen.top;
	return alike && (a.mode !== "lines" || a.limit === b.limit);
}

/** Whether lines still have to scroll off a terminal at `position`, or come to stand where they do. */
export function hasLinesToFeed(position: FeedPosition, { mode, screen: { top = 0 } }: FeedTarget): boolean {
	switch (mode) {
		case "still":
		case "held":
		case "waits":
			return false;
		case "flood":
			return position.phase !== "detached";
		case "lines":
			return position.line < top || position.phase === "detached" || position.phase === "flushing";
	}
}
