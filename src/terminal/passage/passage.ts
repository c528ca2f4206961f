/**
 * Leads a client's terminal from screen to screen so that every line of the main screen ends up in the terminal's own
 * scrollback, once and in order. Stock 1.4.0 has no way to send a line there; but it feeds its terminal lines where it finds
 * that what it shows has moved up, less than a screen at a time (protocol §5.10, step 6). So between two screens further apart
 * there are others in between: windows on the tape of lines, whose rows that scroll off next are as they are to be kept.
 */
import { fittedRow } from "../screen/fit.js";
import type { Tape } from "../screen/paragraph.js";
import { DEFAULT_RENDITION } from "../screen/rendition.js";
import type { Row } from "../screen/row.js";
import type { Screen } from "../screen/screen.js";
import { textRow } from "../screen/text-row.js";
import type { Place, Shown, Wanted } from "./place.js";

export class Passage {
	readonly #tape: Pick<Tape, "first" | "bottom" | "row">;

	constructor(tape: Pick<Tape, "first" | "bottom" | "row">) {
		this.#tape = tape;
	}

	/**
	 * What to show after `last` on the way to `wanted`.
	 * @param unsure the terminal may show something besides `last`, which must not scroll off: it is shown again first
	 */
	step(last: Shown, wanted: Wanted, unsure: boolean): Shown {
		if (last.screen.columns !== wanted.screen.columns || last.screen.rows !== wanted.screen.rows) {
			return arrive(wanted, this.#placeAfterResize(last, wanted));
		}
		if (wanted.mode === "still" || wanted.screen.rows < 2) {
			return arrive(wanted, last.place.phase === "fresh" ? { ...last.place, phase: "lines" } : last.place);
		}
		if (wanted.mode === "flood") {
			return this.#drift(last, wanted, unsure);
		}
		const place = this.#anchor(last, wanted);
		const pending = topOf(wanted) - place.line;
		if (pending <= 0) {
			return arrive(wanted, place);
		}
		const window = new Window(this.#tape, place, wanted);
		if (unsure || place !== last.place || !window.isSettled(last.screen, pending)) {
			const turns = place.turns + (unsure ? 1 : 0);
			return halt(window.settled(last.screen), { ...place, phase: "lines", turns });
		}
		return this.#scroll(last, wanted, window, pending);
	}

	/** Feeds as many lines as one state can. */
	#scroll({ screen: last }: Shown, wanted: Wanted, window: Window, pending: number): Shown {
		const { place } = window;
		const up = window.distance(pending);
		const lines = window.scrolled(last, up);
		const { marker } = place;
		const next: Place = {
			...place,
			height: undefined,
			line: place.line + up,
			fed: place.fed + up,
			marker: marker !== undefined && marker.line < place.line + up ? undefined : marker,
		};
		const { screen, fullScreen } = wanted;
		if (up === pending && !fullScreen && lines.every((line, row) => line.equals(screen.lines[row] ?? line))) {
			return arrive(wanted, next);
		}
		return halt({ ...screen, ...atBottom(screen.rows), lines }, next);
	}

	/** Scrolls the screen before the flood off, in two steps as none can move all rows, and then only shows what passes. */
	#drift(last: Shown, wanted: Wanted, unsure: boolean): Shown {
		const { place, screen } = last;
		const { rows } = wanted.screen;
		const bottom = rows - 1;
		const lost = place.line < this.#tape.first;
		if (place.phase === "adrift" || place.phase === "fresh" || (lost && last.fullScreen)) {
			return arrive(wanted, { ...place, phase: "adrift", marker: undefined });
		}
		const left = place.phase === "leaving" ? 1 : lost ? (place.height ?? linesOn(screen)) : rows;
		const window = new Window(this.#tape, place, wanted, screen);
		if (place.phase === "lines" && (unsure || !window.isSettled(screen, rows))) {
			const turns = place.turns + (unsure ? 1 : 0);
			return halt(window.settled(screen), { ...place, turns, height: lost ? left : undefined });
		}
		const up = Math.min(left, bottom);
		const lines = [...screen.lines.slice(up), ...wanted.screen.lines.slice(rows - up)];
		return halt(
			{ ...wanted.screen, ...atBottom(rows), lines },
			{
				phase: up < left ? "leaving" : "adrift",
				line: place.line + up,
				fed: place.fed + up,
				turns: place.turns,
			},
		);
	}

	/** Where the lines begin that are still to be told: behind what has to be left out, for which one line stands. */
	#anchor({ place }: Shown, wanted: Wanted): Place {
		const top = topOf(wanted);
		// A marker that has not scrolled off yet is no line: it stands for those before the next.
		const standing = place.marker?.line === place.line ? place.marker.skipped : 0;
		const next = standing > 0 ? place.line + 1 : place.line;
		const first = Math.max(
			place.phase === "adrift" ? top - wanted.limit : 0,
			Math.min(this.#tape.first, top),
			next,
		);
		if (first === next) {
			return place.phase === "lines" ? place : { ...place, phase: "lines" };
		}
		const skipped = standing + first - next;
		const line = first - 1;
		const text = `[mosh: ${skipped} ${skipped === 1 ? "line" : "lines"} skipped]`;
		return {
			...place,
			phase: "lines",
			line,
			marker: { line, skipped, row: textRow(wanted.screen.columns, text, DEFAULT_RENDITION) },
		};
	}

	/**
	 * A terminal that becomes lower moves its upper rows to the scrollback, if there is no room below the cursor; one that becomes
	 * higher takes lines back from there, which its client then clears with the screen: they have to scroll off once more.
	 */
	#placeAfterResize({ place, screen, fullScreen }: Shown, wanted: Wanted): Place {
		const more = wanted.screen.rows - screen.rows;
		const pushed = fullScreen ? 0 : Math.max(0, screen.cursorRow + 1 - wanted.screen.rows);
		const pulled = Math.min(Math.max(0, more), place.fed);
		const line = Math.min(place.line + pushed, Math.max(place.line, topOf(wanted)));
		const phase = place.phase === "adrift" ? "adrift" : "lines";
		if (phase === "adrift") {
			return { ...place, phase };
		}
		return {
			...place,
			phase,
			line: Math.max(line - pulled, Math.min(this.#tape.first, line)),
			fed: place.fed + pushed - pulled,
			turns: place.turns + 1,
		};
	}
}

/** A screen of the tape, beginning with the line that has to scroll off next. */
class Window {
	readonly place: Place;
	readonly #tape: Pick<Tape, "first" | "bottom" | "row">;
	readonly #wanted: Wanted;
	readonly #shown: Screen | undefined;

	/** @param shown shows the lines that are no longer on the tape */
	constructor(tape: Pick<Tape, "first" | "bottom" | "row">, place: Place, wanted: Wanted, shown?: Screen) {
		this.#tape = tape;
		this.place = place;
		this.#wanted = wanted;
		this.#shown = shown;
	}

	/**
	 * The rows that are about to scroll off show what they are to be kept as, and the client feeds lines from the bottom. One
	 * that was the bottom row may have to be made to continue in the next only now.
	 */
	isSettled({ cursorRow, lines, rows }: Screen, pending: number): boolean {
		if (this.place.phase !== "lines" || cursorRow !== rows - 1) {
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
		const { screen } = this.#wanted;
		const lines = Array.from({ length: screen.rows }, (_, row) => this.#shownAs(row, last.lines[row]));
		lines.push((lines.pop() as Row).wrapping(false));
		return { ...screen, ...atBottom(screen.rows), lines };
	}

	/**
	 * As far as one state can scroll: one row has to stay for the client to see what moved. A row that continues in the next is
	 * made by printing on, which the bottom row cannot be: so another is to come to stand there, if there is one.
	 */
	distance(pending: number): number {
		const { rows } = this.#wanted.screen;
		const most = Math.min(pending, rows - 1);
		if (most === pending && !this.#wanted.fullScreen) {
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
		const { rows } = this.#wanted.screen;
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
		const { screen, fullScreen } = this.#wanted;
		const number = this.place.line + row;
		const top = screen.top ?? 0;
		if (number === this.place.marker?.line) {
			return this.place.marker.row;
		}
		if (number >= top && !fullScreen) {
			return screen.lines[number - top] ?? (screen.lines.at(-1) as Row);
		}
		if (number >= this.#tape.first && number < this.#tape.bottom) {
			return fittedRow(this.#tape.row(number), screen.columns);
		}
		return this.#shown?.lines[row] ?? textRow(screen.columns, "", DEFAULT_RENDITION);
	}
}

/** How many rows of a screen show lines, as far as it tells: those down to the cursor. */
function linesOn({ lines, cursorRow }: Screen): number {
	return cursorRow + (lines[cursorRow]?.background === undefined ? 1 : 0);
}

function topOf({ screen: { top = 0 } }: Wanted): number {
	return top;
}

function arrive({ screen, fullScreen }: Wanted, place: Place): Shown {
	return { screen, fullScreen, place };
}

function halt(screen: Screen, place: Place): Shown {
	return { screen, place, fullScreen: false };
}

/** Where the client has to have the cursor when lines are fed next. */
function atBottom(rows: number): Pick<Screen, "cursorRow" | "cursorColumn" | "rendition"> {
	return { cursorRow: rows - 1, cursorColumn: 0, rendition: DEFAULT_RENDITION };
}
