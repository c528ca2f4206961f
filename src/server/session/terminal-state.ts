/** The state the server synchronises to the client: the screen and the echo ack (protocol §4.2, §4.4). */

import { encodeHostMessage, type LocalStateCodec } from "../../ssp/index.js";
import {
	blankScreen,
	type FeedPosition,
	type FeedTarget,
	type Row,
	rowText,
	type Screen,
	screenDiff,
	screensEqual,
} from "../../terminal/index.js";
import type { RunPhase } from "./output-run.js";

export interface TerminalState {
	readonly screen: Screen;
	/** Number of the newest client state that the program has had time to react to. */
	readonly echoAck: bigint;
	/** The program uses the alternate screen. Not sent to the client. */
	readonly fullScreen: boolean;
	/** Of the program's output; `over` only if the user has typed since the last such end. Not sent to the client. */
	readonly phase?: RunPhase | undefined;
	/** With native scrollback, of a state that is sent: which lines its client's terminal has in its own. */
	readonly position?: FeedPosition | undefined;
	/** Of the newest state: which it is to have. */
	readonly wanted?: FeedTarget | undefined;
}

/** The size of state 0, which both ends assume without sending it (protocol §5.1). */
export const INITIAL_SIZE = { columns: 80, rows: 24 } as const;

/** @param past the program's screen so far, if it is not the first client's: its bells have rung, its clipboard is known */
export function initialTerminalState(past?: Screen): TerminalState {
	const blank = blankScreen(INITIAL_SIZE.columns, INITIAL_SIZE.rows);
	const { bells, clipboard, copies } = past ?? blank;
	return { screen: { ...blank, bells, clipboard, copies }, echoAck: 0n, fullScreen: false };
}

export const terminalStateCodec: LocalStateCodec<TerminalState> = {
	equal: (a, b) => a.echoAck === b.echoAck && screensEqual(a.screen, b.screen),
	diff(base, target) {
		const { columns, rows } = target.screen;
		const resized = columns !== base.screen.columns || rows !== base.screen.rows;
		return encodeHostMessage({
			...(target.echoAck !== base.echoAck && { echoAck: target.echoAck }),
			...(resized && { resize: { columns, rows } }),
			hostString: screenDiff(base.screen, target.screen, feedBetween(base, target)),
		});
	},
	/**
	 * An echo ack is invisible: it can wait, and must not delay a screen. Output of whole lines is usually followed by
	 * more: the first line alone would cost a frame and show little. Nothing follows the end of a long run.
	 */
	urgency(base, target) {
		if (screensEqual(base.screen, target.screen)) {
			return "bookkeeping";
		}
		const passing = target.phase === "passing";
		if (target.fullScreen || target.phase === "over" || (!passing && editsLine(base.screen, target.screen))) {
			return "answer";
		}
		// Once in a run: what passes goes on to be shown at frame rate.
		return passing && base.phase !== "passing" ? "passing" : "output";
	},
};

function feedBetween(
	{ position: from }: TerminalState,
	{ position: to }: TerminalState,
): number | "clear" | undefined {
	if (from === undefined) {
		return undefined;
	}
	const lines = (to?.fed ?? from.fed) - from.fed;
	return from.phase === "initial" || lines < 0 ? "clear" : lines;
}

/** Only the cursor's line differs. */
export function editsLine(base: Screen, target: Screen): boolean {
	const { cursorRow, lines } = target;
	return (
		base.cursorRow === cursorRow &&
		base.lines.length === lines.length &&
		lines.every((line, row) => row === cursorRow || line.equals(base.lines[row] ?? line))
	);
}

/**
 * All that differs is how much has been printed of a line like the one above, as endless output of the same line leaves it
 * wherever it is cut.
 */
export function repeatsLine(base: Screen, target: Screen): boolean {
	const { lines, cursorColumn, rendition } = base;
	return (
		editsLine(base, target) &&
		screensEqual(base, { ...target, lines, cursorColumn, rendition }) &&
		[base, target].every(beginsAsAbove)
	);
}

function beginsAsAbove({ lines, cursorRow }: Screen): boolean {
	const [above, line] = [lines[cursorRow - 1], lines[cursorRow]];
	return above !== undefined && line !== undefined && textOf(above).startsWith(textOf(line));
}

const textOf = (row: Row): string => rowText(row, false, false);
