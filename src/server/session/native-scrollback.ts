/**
 * Native scrollback, where it is asked for: what scrolls off the main screen scrolls off the client's terminal too, line by
 * line, as far as a user could want it. In a flood the client shows what passes and how much has; when it is over, one line
 * says how many were left out, and the last ones follow.
 */

import type { LocalStateCodec } from "../../ssp/index.js";
import {
	type History,
	hasFurtherToGo,
	Passage,
	type Place,
	type Screen,
	type Shown,
	samePlace,
	sameWanted,
	screensEqual,
	startingAt,
	textRow,
	type Wanted,
} from "../../terminal/index.js";
import { ECHO_DELAY_MS } from "./echo-ack.js";
import type { TerminalState } from "./terminal-state.js";

/**
 * A flood is over when for so long (ms) no more lines came than this: a program that is done prints a prompt. On a busy host,
 * which lets a program print only now and then, it is twice the longest pause there was in the flood, up to the second time.
 */
export const FLOOD_QUIET_MS = 40;
const FLOOD_QUIET_MAX_MS = 300;
const FLOOD_QUIET_LINES = 100;
/**
 * How often (ms) the number of lines alone is shown anew. A frame for each would have the prompt after Ctrl-C wait for the
 * next, where the stock server has none to send: most lines of `yes` look alike.
 */
const COUNT_MS = 250;
/** How often a flood is looked at (ms), to notice its end. */
const FLOOD_LOOK_MS = 20;
/** Screens that are told when the user has interrupted a program: nobody waits for more of what he has stopped. */
const INTERRUPTED_SCREENS = 10;
/** What interrupts by default: Ctrl-C, Ctrl-Z, Ctrl-\. */
const INTERRUPTS: ReadonlySet<number> = new Set([0x03, 0x1a, 0x1c]);
/** After a change of size nothing scrolls for so long (ms): while a user drags a border, the next size is on its way. */
export const RESIZE_REST_MS = 150;

/** Lines kept beyond those that may have to be told, as more come while they are: what one turn of a session takes in. */
export const SPARE_LINES = 2_000;

export class NativeScrollback {
	readonly #history: History;
	readonly #passage: Passage;
	readonly #lines: number;
	readonly #initial: Place;
	#limit: number;
	/** Where the client was when a step was last asked for, and in which row it had the cursor. */
	#place: Place;
	#cursorRow = 0;
	/** What it was last to have, and since when it has more to wait for than that. */
	#wanted: TerminalState | undefined;
	#waitsSince: number | undefined;
	/** Lines at the last look that found many new ones, and when that was. */
	#flood: { lines: number; at: number } | undefined;
	/** The longest time (ms) between such looks since nothing was left to be told. */
	#longestPause = 0;
	/** What passes as it was last shown: from which screen it was made, and when. */
	#passing: { readonly from: Screen; readonly screen: Screen; readonly at: number } | undefined;
	#restsUntil = Number.NEGATIVE_INFINITY;
	#columns = 0;
	#rows = 0;

	/** @param lines told at most of what comes at once */
	constructor(history: History, lines: number) {
		this.#history = history;
		this.#passage = new Passage(history);
		this.#lines = lines;
		this.#limit = lines;
		this.#initial = startingAt(history.end);
		this.#place = this.#initial;
	}

	/** `codec` for states that a client is led through. */
	codec(codec: LocalStateCodec<TerminalState>): LocalStateCodec<TerminalState> {
		return {
			...codec,
			equal: (a, b) => codec.equal(a, b) && sameWay(a, b),
			path: {
				step: (last, target, unsure) => this.#step(last, target, unsure),
				joined: (a, b) =>
					b.wanted === undefined
						? a.place?.fed !== b.place?.fed
						: a.place !== undefined && hasFurtherToGo(a.place, b.wanted),
			},
		};
	}

	/** State 0. */
	initial(state: TerminalState): TerminalState {
		return { ...state, place: this.#initial };
	}

	/** The user has typed. */
	typed(bytes: Uint8Array, now: number): void {
		const limit = INTERRUPTED_SCREENS * this.#rows;
		if (this.#history.end - this.#place.line > limit && bytes.some((byte) => INTERRUPTS.has(byte))) {
			this.#limit = limit;
			this.#flood ??= { lines: this.#history.end, at: now };
		}
	}

	/**
	 * What the client is to have, `state` being the newest.
	 * @param fullScreen the program uses the alternate screen
	 * @param still the client shows something else than the program's screen
	 * @param typing keys have arrived that no echo ack covers yet: the client may show what it predicts for them
	 */
	wanted(
		state: TerminalState,
		fullScreen: boolean,
		still: boolean,
		typing: boolean,
		now: number,
	): TerminalState {
		const { screen } = state;
		if (screen.columns !== this.#columns || screen.rows !== this.#rows) {
			this.#restsUntil = this.#columns === 0 ? now : now + RESIZE_REST_MS;
			this.#columns = screen.columns;
			this.#rows = screen.rows;
		}
		this.#watch(fullScreen, now);
		const mode = still || now < this.#restsUntil ? "still" : this.#flood ? "flood" : "lines";
		const wanted: Wanted = {
			screen: mode === "flood" ? this.#passingBy(screen, now) : screen,
			fullScreen,
			mode,
			limit: this.#limit,
		};
		if (typing && this.#wanted !== undefined && this.#wouldHide(wanted)) {
			this.#waitsSince ??= now;
			if (now - this.#waitsSince < ECHO_DELAY_MS) {
				return this.#wanted;
			}
		} else {
			this.#waitsSince = undefined;
		}
		this.#wanted = { ...state, screen: wanted.screen, wanted };
		return this.#wanted;
	}

	/**
	 * A client finds out what has scrolled by its top row, with what it predicts there. So while a key may have been typed in that
	 * row, lines wait for the echo ack, as long as that takes: else they would be painted over instead of scrolled off.
	 */
	#wouldHide(wanted: Wanted): boolean {
		return this.#cursorRow === 0 && wanted.mode === "lines" && hasFurtherToGo(this.#place, wanted);
	}

	/** Milliseconds until `wanted` may say something else without any output. */
	waitTime(now: number): number {
		const rest = this.#restsUntil > now ? this.#restsUntil - now : Number.POSITIVE_INFINITY;
		return this.#flood === undefined ? rest : Math.min(rest, FLOOD_LOOK_MS);
	}

	/** Lines are held back that are going to be told. */
	holdsBack(now: number): boolean {
		return this.#flood !== undefined || now < this.#restsUntil;
	}

	#watch(fullScreen: boolean, now: number): void {
		const { end } = this.#history;
		if (this.#flood === undefined) {
			if (!fullScreen && end - this.#place.line > this.#limit) {
				this.#flood = { lines: end, at: now };
			} else if (this.#place.phase === "lines" && end === this.#place.line) {
				this.#limit = this.#lines;
				this.#longestPause = 0;
			}
			return;
		}
		if (fullScreen) {
			this.#flood = undefined;
		} else if (end - this.#flood.lines > FLOOD_QUIET_LINES) {
			this.#longestPause = Math.max(this.#longestPause, now - this.#flood.at);
			this.#flood = { lines: end, at: now };
		} else if (now - this.#flood.at >= this.#quiet) {
			this.#flood = undefined;
		}
	}

	get #quiet(): number {
		return Math.min(FLOOD_QUIET_MAX_MS, Math.max(FLOOD_QUIET_MS, 2 * this.#longestPause));
	}

	/** The screen as it passes by, with the number of lines in its top row. */
	#passingBy(from: Screen, now: number): Screen {
		const last = this.#passing;
		if (last !== undefined && now - last.at < COUNT_MS && screensEqual(from, last.from)) {
			return last.screen;
		}
		const screen = this.#counted(from);
		this.#passing = { from, screen, at: now };
		return screen;
	}

	#counted(screen: Screen): Screen {
		const { line, phase } = this.#place;
		const from = phase === "adrift" ? line : line + screen.rows;
		const text = `[mosh: ${Math.max(0, this.#history.end - from)} lines pass by]`;
		const plain = { foreground: 0, background: 0 };
		return { ...screen, lines: [textRow(screen.columns, text, plain), ...screen.lines.slice(1)] };
	}

	#step(last: TerminalState, target: TerminalState, unsure: boolean): TerminalState {
		const { wanted } = target;
		if (wanted === undefined || last.place === undefined) {
			return target;
		}
		this.#place = last.place;
		this.#cursorRow = last.screen.cursorRow;
		const shown: Shown = { screen: last.screen, place: last.place, fullScreen: last.fullScreen };
		const { arrived, screen, place, fullScreen } = this.#passage.step(shown, wanted, unsure);
		// An echo ack vouches for the screen that it comes with. One on which nothing has moved yet has what was typed where it was.
		const echoAck = arrived || place.fed === last.place.fed ? target.echoAck : last.echoAck;
		const same =
			echoAck === last.echoAck && samePlace(place, last.place) && screensEqual(screen, last.screen);
		return same ? last : { screen, echoAck, fullScreen, place };
	}
}

function sameWay(a: TerminalState, b: TerminalState): boolean {
	return same(a.place, b.place, samePlace) && same(a.wanted, b.wanted, sameWanted);
}

function same<T>(a: T | undefined, b: T | undefined, alike: (a: T, b: T) => boolean): boolean {
	return a === undefined || b === undefined ? a === b : alike(a, b);
}
