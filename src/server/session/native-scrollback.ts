/**
 * Native scrollback, where it is asked for: what scrolls off the main screen scrolls off the client's terminal too, line by
 * line, as far as a user could want it. In a flood the client shows what passes and how much has; when it is over, one line
 * says how many were left out, and the last ones follow.
 */

import type { LocalStateCodec, Urgency } from "../../ssp/index.js";
import {
	type FedScreen,
	type FeedPosition,
	type FeedTarget,
	type History,
	hasLinesToFeed,
	initialPosition,
	isSameSize,
	type Resized,
	type Screen,
	ScrollbackFeed,
	samePosition,
	sameTarget,
	screensEqual,
	textRow,
	type WindowChange,
} from "../../terminal/index.js";
import { ANSWER_MS } from "./frame-pacer.js";
import { editsLine, type TerminalState } from "./terminal-state.js";

/**
 * A flood is over when for so long (ms) no more lines came than this: a program that is done prints a prompt. On a busy host,
 * which lets a program print only now and then, it is twice the longest pause there was in the flood, up to the second time.
 */
export const FLOOD_QUIET_MS = 40;
const FLOOD_QUIET_MAX_MS = 300;
const FLOOD_QUIET_LINES = 100;
/**
 * How often (ms) the number of lines is shown anew where the screen looks as before, but for a line that is being printed. A frame
 * for each would have the prompt after Ctrl-C wait for the next, where the stock server has none to send: most lines of `yes` look alike.
 */
const COUNT_MS = 250;
/** How often a flood is looked at (ms), to notice its end. */
const FLOOD_LOOK_MS = 20;
/** Screens that are told when the user has interrupted a program: nobody waits for more of what was stopped. */
const INTERRUPTED_SCREENS = 10;
/** What interrupts by default: Ctrl-C, Ctrl-Z, Ctrl-\. */
const INTERRUPTS: ReadonlySet<number> = new Set([0x03, 0x1a, 0x1c]);
/** After a change of size nothing is shown for so long (ms): while a user drags a border, the next size is on its way. */
export const RESIZE_REST_MS = 150;

/** States and changes of size that are kept in mind to find out what became of them: more come from no user. */
const MAX_RESIZED = 256;

/** Lines kept beyond those that may have to be told, as more come while they are: what one turn of a session takes in. */
export const SPARE_LINES = 2_000;

export class NativeScrollback {
	readonly #history: History;
	readonly #feed: ScrollbackFeed;
	readonly #lines: number;
	readonly #initial: FeedPosition;
	#limit: number;
	/** Where the client was when a step was last asked for. */
	#position: FeedPosition;
	/** Lines at the last look that found many new ones, and when that was. */
	#flood: { lines: number; at: number } | undefined;
	/** The longest time (ms) between such looks since nothing was left to be told. */
	#longestPause = 0;
	/** What passes as it was last shown: from which screen it was made, and when. */
	#passing: { readonly from: Screen; readonly screen: Screen; readonly at: number } | undefined;
	/** The client shows something else than the program's screen. */
	#still = false;
	/** That of the terminal, as last told, and how often it was another than before. */
	#size = { columns: 0, rows: 0 };
	#sizes = 0;
	/** What it was sent about that time, until it certainly shows a screen of the last size. */
	#resized:
		| { readonly log: ReadonlySet<TerminalState>; readonly changes: readonly WindowChange[] }
		| undefined;
	#known: Resized | undefined;
	#sent: readonly TerminalState[] = [];
	/** Until then the client may still tell what of it has arrived. */
	#answersUntil = Number.NEGATIVE_INFINITY;
	#typedAt = Number.NEGATIVE_INFINITY;
	#restsUntil = Number.NEGATIVE_INFINITY;
	#rows = 0;

	/** @param lines told at most of what comes at once */
	constructor(history: History, lines: number) {
		this.#history = history;
		this.#feed = new ScrollbackFeed(history);
		this.#lines = lines;
		this.#limit = lines;
		this.#initial = initialPosition(history.end);
		this.#position = this.#initial;
	}

	/** `codec` for states that a client is led through. */
	codec(codec: LocalStateCodec<TerminalState>): LocalStateCodec<TerminalState> {
		return {
			...codec,
			equal: (a, b) => codec.equal(a, b) && sameWay(a, b),
			urgency: (a, b) => this.#urgency(codec.urgency?.(a, b) ?? "answer"),
			path: {
				step: (last, target, unsure) => this.#step(last, target, unsure),
				joined,
				holds: ({ wanted }) => wanted?.mode === "waits",
			},
		};
	}

	/** A screen that stands still changes for a key. */
	#urgency(urgency: Urgency): Urgency {
		return this.#still && urgency !== "bookkeeping" ? "answer" : urgency;
	}

	/** State 0. */
	initial(state: TerminalState): TerminalState {
		return { ...state, position: this.#initial };
	}

	/** The user has typed. */
	typed(bytes: Uint8Array, now: number): void {
		this.#typedAt = now;
		const limit = INTERRUPTED_SCREENS * this.#rows;
		if (this.#history.end - this.#position.line > limit && bytes.some((byte) => INTERRUPTS.has(byte))) {
			this.#limit = limit;
			this.#flood ??= { lines: this.#history.end, at: now };
		}
	}

	/** What it has been sent since the last state that it certainly has, that one first. */
	sent(states: readonly TerminalState[]): void {
		this.#sent = states;
	}

	/**
	 * The user's window has got another size, and something that tells so has arrived.
	 * @param sent as `sent`, of now: the first state is the last that had been drawn when the client told
	 * @param patience how long (ms) it may take the client to tell what else it has been sent has arrived
	 */
	resized(
		size: { readonly columns: number; readonly rows: number },
		sent: readonly TerminalState[],
		patience: number,
		now: number,
	): void {
		const unchanged = isSameSize(size, this.#size);
		this.#size = size;
		if (unchanged || this.#sent[0]?.position === undefined || this.#sent[0].position.phase === "initial") {
			return;
		}
		if (this.#resized === undefined || this.#resized.log.size + this.#resized.changes.length > MAX_RESIZED) {
			this.#resized = { log: new Set(), changes: [] };
		}
		const log = new Set([...this.#resized.log, ...this.#sent, ...sent]);
		const states = [...log];
		const earliest = states.indexOf(this.#sent[0]);
		const latest = states.indexOf(sent[0] as TerminalState);
		this.#resized = { log, changes: [...this.#resized.changes, { ...size, earliest, latest }] };
		this.#sizes++;
		this.#restsUntil = now + RESIZE_REST_MS;
		this.#answersUntil = now + patience;
	}

	/**
	 * What the client is to have, `state` being the newest.
	 * @param confirmed what it certainly has
	 * @param fullScreen the program uses the alternate screen
	 * @param still the client shows something else than the program's screen
	 */
	wanted(
		state: TerminalState,
		confirmed: TerminalState,
		fullScreen: boolean,
		still: boolean,
		now: number,
	): TerminalState {
		const { screen } = state;
		this.#still = still;
		this.#rows = screen.rows;
		if (confirmed.position?.sizes === this.#sizes) {
			this.#resized = undefined;
		}
		this.#watch(fullScreen, now);
		const resized = this.#resizedUntil(confirmed);
		if (resized === undefined || resized.certain === resized.shown.length - 1) {
			this.#answersUntil = now;
		}
		const mode = this.#mode(now);
		const wanted: FeedTarget = {
			screen: mode === "flood" ? this.#passingBy(screen, state.phase === "passing", now) : screen,
			fullScreen,
			mode,
			limit: this.#limit,
			sizes: this.#sizes,
			resized,
		};
		return { ...state, screen: wanted.screen, wanted };
	}

	/** The same object while nothing more is known. */
	#resizedUntil(confirmed: TerminalState): Resized | undefined {
		if (this.#resized === undefined) {
			this.#known = undefined;
			return undefined;
		}
		const { changes } = this.#resized;
		const log = [...this.#resized.log];
		const certain = Math.max(0, log.indexOf(confirmed));
		if (this.#known?.changes !== changes || this.#known.certain !== certain) {
			this.#known = { shown: log.map(fedScreen), certain, changes };
		}
		return this.#known;
	}

	/** After a change of size nothing scrolls until the client has a screen of that size: what is drawn for another goes astray. */
	#mode(now: number): FeedTarget["mode"] {
		if (now < Math.max(this.#restsUntil, this.#answersUntil)) {
			return "waits";
		}
		if (this.#still) {
			return "still";
		}
		return this.#resized !== undefined ? "held" : this.#flood ? "flood" : "lines";
	}

	/** Milliseconds until `wanted` may say something else without any output. */
	waitTime(now: number): number {
		const until = Math.max(this.#restsUntil, this.#answersUntil);
		const rest = until > now ? until - now : Number.POSITIVE_INFINITY;
		return this.#flood === undefined ? rest : Math.min(rest, FLOOD_LOOK_MS);
	}

	/**
	 * Lines have to scroll off. The client finds what has moved up by what it shows, and it shows predictions until they are
	 * acknowledged: on a row that scrolls they would keep it from finding anything, and the lines would be lost.
	 */
	get hasLinesToScroll(): boolean {
		return this.#history.end > this.#position.line;
	}

	/** Lines are held back that are going to be told. */
	holdsBack(now: number): boolean {
		return this.#flood !== undefined || this.#resized !== undefined || now < this.#restsUntil;
	}

	#watch(fullScreen: boolean, now: number): void {
		const { end } = this.#history;
		if (this.#flood === undefined) {
			if (!fullScreen && end - this.#position.line > this.#limit) {
				this.#flood = { lines: end, at: now };
			} else if (this.#position.phase === "lines" && end === this.#position.line) {
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
	#passingBy(from: Screen, passing: boolean, now: number): Screen {
		const last = this.#passing;
		if (last !== undefined && now - last.at < COUNT_MS) {
			const unfinished = passing && now - this.#typedAt >= ANSWER_MS && editsLine(last.from, from);
			if (unfinished || screensEqual(from, last.from)) {
				return last.screen;
			}
		}
		const screen = this.#counted(from);
		this.#passing = { from, screen, at: now };
		return screen;
	}

	#counted(screen: Screen): Screen {
		const { line, phase } = this.#position;
		const from = phase === "detached" ? line : line + screen.rows;
		const text = `[mosh: ${Math.max(0, this.#history.end - from)} lines pass by]`;
		const plain = { foreground: 0, background: 0 };
		return { ...screen, lines: [textRow(screen.columns, text, plain), ...screen.lines.slice(1)] };
	}

	#step(last: TerminalState, target: TerminalState, unsure: boolean): TerminalState {
		const { wanted } = target;
		if (wanted === undefined || last.position === undefined) {
			return target;
		}
		this.#position = last.position;
		const shown = fedScreen(last);
		const { echoAck, phase } = target;
		// With an echo ack the client takes back predictions: only the state after that may scroll.
		const predicted = echoAck !== last.echoAck;
		const { screen, position, fullScreen } = this.#feed.step(shown, wanted, unsure || predicted);
		const same = !predicted && samePosition(position, last.position) && screensEqual(screen, last.screen);
		return same ? last : { screen, echoAck, fullScreen, phase, position };
	}
}

function fedScreen({ screen, position, fullScreen }: TerminalState): FedScreen {
	return { screen, position: position as FeedPosition, fullScreen };
}

/**
 * Whether the way matters. For a window of another size the client clears its terminal: then it does not, unless that leads to
 * the size that there was, by one in between. From state 0, whose size is nobody's, it does where lines have to scroll off.
 */
function joined(
	{ position: a, screen }: TerminalState,
	{ position, wanted, screen: to }: TerminalState,
): boolean {
	if (a === undefined) {
		return false;
	}
	const sameSize = isSameSize(screen, to);
	const sameWindow = a.sizes === (wanted ?? position)?.sizes;
	if (a.phase !== "initial" && !(sameSize && sameWindow)) {
		return sameSize !== sameWindow;
	}
	return wanted === undefined ? a.fed !== position?.fed : hasLinesToFeed(a, wanted);
}

function sameWay(a: TerminalState, b: TerminalState): boolean {
	return same(a.position, b.position, samePosition) && same(a.wanted, b.wanted, sameTarget);
}

function same<T>(a: T | undefined, b: T | undefined, alike: (a: T, b: T) => boolean): boolean {
	return a === undefined || b === undefined ? a === b : alike(a, b);
}
