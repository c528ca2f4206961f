/**
 * The hoststring that turns one screen into another on a client with the emulator of stock 1.4.0 (protocol §5.10 to §5.12). It
 * depends on the two screens alone: any screen the client may hold can be the base.
 */
import type { MouseEncoding, MouseMode } from "../screen/modes.js";
import { blankRow, type Row } from "../screen/row.js";
import { type Screen, screensEqual } from "../screen/screen.js";
import { Painter } from "./painter.js";
import { RowPainter } from "./row-painter.js";
import { findScroll, type Scroll, scrolled } from "./scroll.js";

const EMPTY = new Uint8Array();
/** Two regions that scroll differently between two frames are rare; three have not been seen. */
const MAX_SCROLLS = 2;
/**
 * From this length on (in UTF-16 code units) clearing first is not tried: it would save few of so many bytes, and painting
 * that much takes milliseconds.
 */
const MAX_COMPARED = 65_536;

/**
 * How the client's terminal is to come by what it shows, where that matters to its own scrollback: so many lines scroll off the
 * top of its screen, less than it has rows, and nothing else moves. `clear`: what it shows may not be what moves, as rows of
 * state 0 are one and the same to it.
 */
export type Feed = number | "clear";

/**
 * UTF-8 for a HostBytes message; empty when the screens are equal. When the sizes differ, the client must already have
 * been resized to the target's. Never ends inside a sequence, never sends the client a query, and leaves all state that is
 * not part of a screen (margins, tabs, insert and origin mode, wraparound) unchanged.
 */
export function screenDiff(base: Screen, target: Screen, feed?: Feed): Uint8Array {
	if (!feed && screensEqual(base, target)) {
		return EMPTY;
	}
	const painted = feed === undefined ? paintShortest(base, target) : paintFed(base, target, feed);
	const text = oscSequences(base, target) + painted + switchModes(base, target);
	return Buffer.from(text);
}

/** Bell, titles and clipboard. */
function oscSequences(base: Screen, target: Screen): string {
	let text = base.bells === target.bells ? "" : "\x07";
	const { title, iconName, clipboard } = target;
	const newTitle = base.title !== title;
	const newIconName = base.iconName !== iconName;
	if ((newTitle || newIconName) && title === iconName) {
		text += `\x1b]0;${title}\x07`;
	} else {
		if (newIconName) {
			text += `\x1b]1;${iconName}\x07`;
		}
		if (newTitle) {
			text += `\x1b]2;${title}\x07`;
		}
	}
	if (base.clipboard !== clipboard) {
		text += `\x1b]52;c;${clipboard}\x07`;
	}
	return text;
}

/**
 * The shortest of three ways: painting over what is there, scrolling first, and clearing first.
 * @param still nothing may scroll off the client's terminal
 */
function paintShortest(base: Screen, target: Screen, still = false): string {
	if (base.columns !== target.columns || base.rows !== target.rows) {
		return paintCleared(base, target);
	}
	const changed = base.lines.filter((line, row) => !line.equals(target.lines[row] ?? line));
	if (changed.length < 2) {
		return paintOver(base, target);
	}
	const { scrolls, lines } = planScrolls(base.lines, target.lines, still);
	let best: string | undefined;
	if (scrolls.length > 0) {
		best = paint(base, target, lines, (painter) => {
			for (const scroll of scrolls) {
				emitScroll(painter, scroll, target.rows, still);
			}
		});
	}
	const over = paintOver(base, target, best?.length);
	if (best === undefined || over.length <= best.length) {
		best = over;
	}
	// What is blank already need not be cleared.
	const shown = changed.filter(({ background }) => background === undefined).length;
	if (shown * 2 >= target.rows && best.length < MAX_COMPARED) {
		const cleared = paintCleared(base, target, best.length);
		if (cleared.length < best.length) {
			best = cleared;
		}
	}
	return best;
}

/**
 * A client tells a scroll by where it finds the row again that is now at the top (protocol §5.10, step 6); it then feeds its
 * terminal lines if all rows below have moved as well and its cursor is on the bottom row.
 */
function paintFed(base: Screen, target: Screen, feed: Feed): string {
	const bottom = target.rows - 1;
	if (feed === "clear" || base.columns !== target.columns || base.rows !== target.rows || feed > bottom) {
		return paintCleared(base, target);
	}
	if (feed === 0) {
		return paintShortest(base, target, true);
	}
	return paint(base, target, scrolled(base.lines, { top: 0, bottom, up: feed }), (painter) => {
		painter.setBackground(0);
		painter.moveTo(bottom, 0);
		painter.raw("\n".repeat(feed));
	});
}

/** With a limit, as `paint`. */
function paintOver(base: Screen, target: Screen, limit?: number): string {
	return paint(base, target, base.lines, () => {}, limit);
}

function paintCleared(base: Screen, target: Screen, limit?: number): string {
	const blank = blankRow(target.columns);
	const lines = target.lines.map(() => blank);
	return paint(base, target, lines, (painter) => painter.clear(), limit);
}

/** Scrolls to start with, and what the client shows after them. */
function planScrolls(
	from: readonly Row[],
	to: readonly Row[],
	still: boolean,
): { scrolls: readonly Scroll[]; lines: readonly Row[] } {
	const scrolls: Scroll[] = [];
	const blank = blankRow(from[0]?.columns ?? 0);
	let lines = from;
	while (scrolls.length < MAX_SCROLLS) {
		const scroll = findScroll(lines, to);
		if (scroll === undefined) {
			break;
		}
		scrolls.push(scroll);
		lines = scrolled(lines, scroll);
		if (still && scroll.top === 0) {
			lines = lines.with(renewedRow(scroll), blank);
		}
	}
	return { scrolls, lines };
}

/** Output that starts with `prepare`, after which the client shows `lines`. Incomplete if it is longer than `limit`. */
function paint(
	base: Screen,
	target: Screen,
	lines: readonly Row[],
	prepare: (painter: Painter) => void,
	limit = Number.POSITIVE_INFINITY,
): string {
	const painter = new Painter(target.columns, base.cursorRow, base.cursorColumn, base.rendition);
	const rowPainter = new RowPainter(painter, target.columns);
	prepare(painter);
	const tail = erasableTail(lines, target.lines);
	for (const [row, line] of target.lines.entries()) {
		if (painter.length > limit) {
			break;
		}
		if (row === tail) {
			painter.moveTo(row, 0);
			painter.eraseToEnd("J", line.background ?? 0);
			break;
		}
		const from = lines[row];
		if (from !== undefined) {
			rowPainter.paint(row, from, line);
		}
	}
	const cursorLine = target.lines[target.cursorRow];
	if (cursorLine !== undefined) {
		rowPainter.moveTo(target.cursorRow, target.cursorColumn, cursorLine);
	}
	painter.setRendition(target.rendition);
	return painter.text;
}

/** The first row of at least two, down to the bottom, that have to become blank with one background. */
function erasableTail(from: readonly Row[], to: readonly Row[]): number | undefined {
	const background = to.at(-1)?.background;
	if (background === undefined) {
		return undefined;
	}
	let row = to.length;
	while (row > 0 && to[row - 1]?.background === background) {
		row--;
	}
	while (row < to.length && to[row]?.equals(from[row] as Row)) {
		row++;
	}
	// The first row after a wrap has to be printed: that is what makes the client wrap.
	if (to[row - 1]?.wraps) {
		row++;
	}
	const changed = to.slice(row).filter((line, index) => !line.equals(from[row + index] as Row));
	return changed.length > 1 ? row : undefined;
}

function emitScroll(painter: Painter, scroll: Scroll, rows: number, still: boolean): void {
	const { top, bottom, up } = scroll;
	painter.setBackground(0);
	const count = Math.abs(up);
	const final = up > 0 ? "S" : "T";
	const sequence = still ? `\x1b[${final}`.repeat(count) : `\x1b[${count === 1 ? "" : count}${final}`;
	if (top === 0 && bottom === rows - 1) {
		const lineFeeds = up > 0 && painter.row === bottom && count <= sequence.length;
		painter.raw(lineFeeds ? "\n".repeat(count) : sequence);
	} else {
		const first = top === 0 ? "" : String(top + 1);
		const last = bottom === rows - 1 ? "" : `;${bottom + 1}`;
		painter.rawHome(`\x1b[${first}${last}r`);
		painter.raw(sequence);
		painter.rawHome("\x1b[r");
	}
	if (still && top === 0) {
		painter.moveTo(renewedRow(scroll), 0);
		painter.raw("\x1b[2K");
	}
}

/**
 * A client whose screen is to stand still must not find again, at the top, a row that it shows elsewhere. So a row never comes to
 * the top nor leaves it without being made anew, which EL 2 does; and as rows made by one sequence are one to the client, each
 * step is a sequence of its own.
 */
function renewedRow({ up }: Scroll): number {
	return up > 0 ? 0 : -up;
}

function switchModes(base: Screen, target: Screen): string {
	return (
		toggle(5, base.reverseVideo, target.reverseVideo) +
		toggle(25, base.cursorVisible, target.cursorVisible) +
		(base.cursorShape === target.cursorShape ? "" : `\x1b[${target.cursorShape} q`) +
		toggle(2004, base.bracketedPaste, target.bracketedPaste) +
		exchange(base.mouseMode, target.mouseMode) +
		toggle(1004, base.focusReports, target.focusReports) +
		exchange(base.mouseEncoding, target.mouseEncoding)
	);
}

function toggle(mode: number, from: boolean, to: boolean): string {
	return from === to ? "" : `\x1b[?${mode}${to ? "h" : "l"}`;
}

/** Modes of which at most one is set; 0: none. */
function exchange(from: MouseMode | MouseEncoding, to: MouseMode | MouseEncoding): string {
	if (from === to) {
		return "";
	}
	return (from === 0 ? "" : toggle(from, true, false)) + (to === 0 ? "" : toggle(to, false, true));
}
