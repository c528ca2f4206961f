/**
 * Leads a client's terminal from screen to screen so that every line of the main screen ends up in the terminal's own
 * scrollback, once and in order. Stock 1.4.0 has no way to send a line there; but it feeds its terminal lines where it finds
 * that what it shows has moved up, less than a screen at a time (protocol §5.10, step 6). So between two screens further apart
 * there are others in between: windows on the numbered lines, whose rows that scroll off next are as they are to be kept.
 */
import { fittedRow } from "../screen/fit.js";
import type { NumberedLines } from "../screen/paragraph.js";
import { DEFAULT_RENDITION } from "../screen/rendition.js";
import type { Row } from "../screen/row.js";
import { isSameSize, type Screen } from "../screen/screen.js";
import { textRow } from "../screen/text-row.js";
import { firstMissingLine } from "./astray.js";
import type { FedScreen, FeedPosition, FeedTarget, Resized } from "./position.js";

export interface FedLines extends Pick<NumberedLines, "first" | "bottom" | "row"> {
	/** Those before this one the program has dropped itself: nobody is told that they are missing. */
	readonly cleared: number;
}

export class ScrollbackFeed {
	readonly #buffer: FedLines;
	/** What it takes some milliseconds to find out. */
	readonly #missing = new WeakMap<Resized, { readonly line: number | undefined }>();

	constructor(buffer: FedLines) {
		this.#buffer = buffer;
	}

	/**
	 * What to show after `last` on the way to `target`.
	 * @param unsure the terminal may show something besides `last`, which must not scroll off: it is shown again first
	 */
	step(last: FedScreen, target: FeedTarget, unsure: boolean): FedScreen {
		if (target.mode === "waits") {
			return last;
		}
		if (last.position.sizes !== target.sizes || !isSameSize(last.screen, target.screen)) {
			return this.#resized(last, target);
		}
		if (target.mode === "held") {
			return this.#held(last.screen, last.position, target);
		}
		if (target.mode === "still" || target.screen.rows < 2) {
			return reached(
				target,
				last.position.phase === "initial" ? { ...last.position, phase: "lines" } : last.position,
			);
		}
		if (target.mode === "flood") {
			return this.#skipFlood(last, target, unsure);
		}
		const position = this.#firstToFeed(last, target);
		const pending = topOf(target) - position.line;
		if (pending <= 0) {
			return reached(target, position);
		}
		const window = new Window(this.#buffer, position, target);
		if (unsure || position !== last.position || !window.isSettled(last.screen, pending)) {
			const turns = position.turns + (unsure ? 1 : 0);
			return intermediate(window.settled(last.screen), { ...position, phase: "lines", turns });
		}
		return this.#scroll(last, target, window, pending);
	}

	/** Feeds as many lines as one state can. */
	#scroll({ screen: last }: FedScreen, target: FeedTarget, window: Window, pending: number): FedScreen {
		const { position } = window;
		const up = window.distance(pending);
		const lines = window.scrolled(last, up);
		const { marker } = position;
		const next: FeedPosition = {
			...position,
			height: undefined,
			line: position.line + up,
			fed: position.fed + up,
			marker: marker !== undefined && marker.line < position.line + up ? undefined : marker,
		};
		const { screen, fullScreen } = target;
		if (up === pending && !fullScreen && lines.every((line, row) => line.equals(screen.lines[row] ?? line))) {
			return reached(target, next);
		}
		return intermediate({ ...screen, ...atBottom(screen.rows), lines }, next);
	}

	/** Scrolls the screen before the flood off, in two steps as none can move all rows, and then only shows what passes. */
	#skipFlood(last: FedScreen, target: FeedTarget, unsure: boolean): FedScreen {
		const { position, screen } = last;
		const { rows } = target.screen;
		const bottom = rows - 1;
		const lost = position.line < this.#buffer.first;
		if (position.phase === "detached" || position.phase === "initial" || (lost && last.fullScreen)) {
			return reached(target, { ...position, phase: "detached", marker: undefined });
		}
		const left = position.phase === "flushing" ? 1 : lost ? (position.height ?? linesOn(screen)) : rows;
		const window = new Window(this.#buffer, position, target, screen);
		if (position.phase === "lines" && (unsure || !window.isSettled(screen, rows))) {
			const turns = position.turns + (unsure ? 1 : 0);
			return intermediate(window.settled(screen), { ...position, turns, height: lost ? left : undefined });
		}
		const up = Math.min(left, bottom);
		const lines = [...screen.lines.slice(up), ...target.screen.lines.slice(rows - up)];
		return intermediate(
			{ ...target.screen, ...atBottom(rows), lines },
			{
				phase: up < left ? "flushing" : "detached",
				line: position.line + up,
				fed: position.fed + up,
				turns: position.turns,
				sizes: position.sizes,
			},
		);
	}

	/** Where the lines begin that are still to be told: behind what has to be left out, for which one line stands. */
	#firstToFeed({ position: before }: FedScreen, target: FeedTarget): FeedPosition {
		const { cleared } = this.#buffer;
		const position = before.line < cleared ? { ...before, line: cleared, marker: undefined } : before;
		const top = topOf(target);
		// A marker that has not scrolled off yet is no line: it stands for those before the next.
		const standing = position.marker?.line === position.line ? position.marker.skipped : 0;
		const next = standing > 0 ? position.line + 1 : position.line;
		const first = Math.max(
			position.phase === "detached" ? top - target.limit : 0,
			Math.min(this.#buffer.first, top),
			next,
		);
		if (first === next) {
			return position.phase === "lines" ? position : { ...position, phase: "lines" };
		}
		const skipped = standing + first - next;
		const line = first - 1;
		const text = `[mosh: ${skipped} ${skipped === 1 ? "line" : "lines"} skipped]`;
		return {
			...position,
			phase: "lines",
			line,
			marker: { line, skipped, row: textRow(target.screen.columns, text, DEFAULT_RENDITION) },
		};
	}

	/** For a terminal of another size: its client clears it, and the lines that it may have lost are told again. */
	#resized(last: FedScreen, target: FeedTarget): FedScreen {
		const resized = target.resized ?? {
			shown: [last],
			certain: 0,
			changes: [{ columns: target.screen.columns, rows: target.screen.rows, earliest: 0, latest: 0 }],
		};
		const from = resized.shown[resized.changes[0]?.earliest ?? 0] ?? last;
		const { position, screen } = last;
		if (from.screen !== screen && isSameSize(screen, target.screen)) {
			// What was under way may have been drawn anywhere, but only for a screen of another size does the client clear its terminal.
			const turns = position.turns + 1;
			return intermediate(blankAs(target.screen, target.screen.columns + 1), { ...position, turns });
		}
		const line =
			from.position.phase === "detached" ? from.position.line : this.#firstAfterResize(resized, from, target);
		const fed = Math.max(0, from.position.fed + line - from.position.line);
		const { sizes } = target;
		const phase = from.position.phase === "detached" ? "detached" : "lines";
		return this.#held(
			screen,
			{ ...from.position, phase, line, fed, turns: position.turns + 1, sizes },
			target,
		);
	}

	/**
	 * A terminal that becomes lower moves its upper rows to the scrollback, if there is no room below the cursor; one that becomes
	 * higher takes lines back from there, which its client then clears with the screen: they have to scroll off once more.
	 */
	#firstAfterResize(resized: Resized, { position, screen }: FedScreen, target: FeedTarget): number {
		let pulled = 0;
		let [{ rows }, tallest, widest] = [screen, 0, screen.columns];
		for (const change of resized.changes) {
			pulled += Math.max(0, change.rows - rows);
			tallest = Math.max(tallest, change.rows);
			widest = Math.max(widest, change.columns);
			({ rows } = change);
		}
		const missing = this.#firstMissing(resized) ?? position.line - Math.min(pulled, position.fed);
		const line = Math.min(missing, Math.max(position.line, topOf(target)));
		const screens: (readonly [bottom: number, rows: number])[] = [[line + rows, rows]];
		if (resized.shown.length > 1) {
			screens.push([position.line + screen.rows, tallest]);
		}
		const tops = screens.map(([bottom, room]) => {
			const top = this.#firstRewrapped(bottom, room, screen.columns, widest);
			return top < bottom - room ? top : line;
		});
		const taken = Math.min(line, ...tops);
		return Math.max(Math.min(this.#buffer.first, position.line), taken);
	}

	#firstMissing(resized: Resized): number | undefined {
		const missing = this.#missing.get(resized) ?? { line: firstMissingLine(resized, this.#buffer) };
		this.#missing.set(resized, missing);
		return missing.line;
	}

	/**
	 * The first of the lines that have room on the screen of a terminal that rewraps them. If they need fewer rows than they had, it
	 * takes back so many more; what is under way may be drawn over them.
	 */
	#firstRewrapped(bottom: number, rows: number, columns: number, widest: number): number {
		const { first } = this.#buffer;
		let above = Math.min(bottom, this.#buffer.bottom);
		for (let room = rows; room > 0 && above > first; ) {
			let start = above - 1;
			while (start > first && this.#buffer.row(start - 1).wraps) {
				start--;
			}
			room -= Math.ceil(((above - start - 1) * columns + 1) / widest);
			above = start;
		}
		return above;
	}

	/** Shows the lines that have to scroll off, until they can. */
	#held(shown: Screen, position: FeedPosition, target: FeedTarget): FedScreen {
		const lines = target.mode === "held" && position.phase === "lines" && !target.fullScreen;
		if (!lines || topOf(target) <= position.line || target.screen.rows < 2) {
			return reached(target, position);
		}
		return intermediate(new Window(this.#buffer, position, target).settled(shown), position);
	}
}

/** A screen of the numbered lines, beginning with the line that has to scroll off next. */
class Window {
	readonly position: FeedPosition;
	readonly #buffer: FedLines;
	readonly #target: FeedTarget;
	readonly #shown: Screen | undefined;

	/** @param shown shows the lines that are no longer kept */
	constructor(buffer: FedLines, position: FeedPosition, target: FeedTarget, shown?: Screen) {
		this.#buffer = buffer;
		this.position = position;
		this.#target = target;
		this.#shown = shown;
	}

	/**
	 * The rows that are about to scroll off show what they are to be kept as, and the client feeds lines from the bottom. One
	 * that was the bottom row may have to be made to continue in the next only now.
	 */
	isSettled({ cursorRow, lines, rows }: Screen, pending: number): boolean {
		if (this.position.phase !== "lines" || cursorRow !== rows - 1) {
			return false;
		}
		for (let row = 0; row < Math.min(pending, rows); row++) {
			const kept = this.#row(row);
			const continues = kept.wraps && row < rows - 1;
			if (!lines[row]?.equals(kept.wrapping(continues))) {
				return false;
			}
		}
		return true;
	}

	settled(last: Screen): Screen {
		const { screen } = this.#target;
		const lines = Array.from({ length: screen.rows }, (_, row) => this.#shownAs(row, last.lines[row]));
		lines.push((lines.pop() as Row).wrapping(false));
		return { ...screen, ...atBottom(screen.rows), lines };
	}

	/**
	 * As far as one state can scroll: one row has to stay for the client to see what moved. A row that continues in the next is
	 * made by printing on, which the bottom row cannot be: so another is to come to stand there, if there is one.
	 */
	distance(pending: number): number {
		const { rows } = this.#target.screen;
		const most = Math.min(pending, rows - 1);
		if (most === pending && !this.#target.fullScreen) {
			return most;
		}
		for (let up = most; up > 0; up--) {
			if (!this.#row(up + rows - 1).wraps) {
				return up;
			}
		}
		return most;
	}

	/** The rows after moving `up`: those that were there are still the very same to the client. */
	scrolled(last: Screen, up: number): Row[] {
		const { rows } = this.#target.screen;
		const lines = last.lines.slice(up);
		for (let row = rows - up; row < rows; row++) {
			lines.push(this.#row(row + up));
		}
		lines.push((lines.pop() as Row).wrapping(false));
		return lines;
	}

	#shownAs(row: number, shown: Row | undefined): Row {
		const line = this.#row(row);
		return shown?.equals(line) ? shown : line;
	}

	#row(row: number): Row {
		const { screen, fullScreen } = this.#target;
		const number = this.position.line + row;
		const top = screen.top ?? 0;
		if (number === this.position.marker?.line) {
			return this.position.marker.row;
		}
		if (number >= top && !fullScreen) {
			return screen.lines[number - top] ?? (screen.lines.at(-1) as Row);
		}
		if (number >= this.#buffer.first && number < this.#buffer.bottom) {
			return fittedRow(this.#buffer.row(number), screen.columns);
		}
		return this.#shown?.lines[row] ?? textRow(screen.columns, "", DEFAULT_RENDITION);
	}
}

/** How many rows of a screen show lines, as far as it tells: those down to the cursor. */
function linesOn({ lines, cursorRow }: Screen): number {
	return cursorRow + (lines[cursorRow]?.background === undefined ? 1 : 0);
}

function topOf({ screen: { top = 0 } }: FeedTarget): number {
	return top;
}

function reached({ screen, fullScreen }: FeedTarget, position: FeedPosition): FedScreen {
	return { screen, fullScreen, position };
}

function intermediate(screen: Screen, position: FeedPosition): FedScreen {
	return { screen, position, fullScreen: false };
}

function blankAs(screen: Screen, columns: number): Screen {
	const blank = textRow(columns, "", DEFAULT_RENDITION);
	const lines = screen.lines.map(() => blank);
	return { ...screen, columns, lines, cursorRow: 0, cursorColumn: 0, rendition: DEFAULT_RENDITION };
}

/** Where the client has to have the cursor when lines are fed next. */
function atBottom(rows: number): Pick<Screen, "cursorRow" | "cursorColumn" | "rendition"> {
	return { cursorRow: rows - 1, cursorColumn: 0, rendition: DEFAULT_RENDITION };
}
