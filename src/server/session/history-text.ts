/** The history as text, for a pipe or a pager: a piece at a time, since all of it may be megabytes. */

import { type History, rowText } from "../../terminal/index.js";

/** Characters after which a piece ends with the line that it is in. A line has at most some 100,000. */
const PIECE_LENGTH = 1 << 16;

export interface HistoryPiece {
	readonly text: string;
	/** The line that the next piece begins with; undefined: there is none. */
	readonly next?: number;
}

/**
 * The lines from `from` on, or from the oldest on if that one is gone, down to the last of the main screen that is not blank. What
 * wrapped is one line again.
 * @param colours with SGR sequences; links are left out
 */
export function historyPiece(history: History, from: number, colours: boolean): HistoryPiece {
	let end = history.bottom;
	while (end > history.first && history.row(end - 1).background !== undefined) {
		end--;
	}
	let text = "";
	let line = Math.max(from, history.first);
	while (line < end && text.length < PIECE_LENGTH) {
		const goesOn = line + 1 < end && history.continues(line);
		text += rowText(history.row(line), goesOn, colours) + (goesOn ? "" : "\n");
		line++;
	}
	return line < end ? { text, next: line } : { text };
}
