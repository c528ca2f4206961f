/** Renders the history view as a screen: rows of the history, and the bar below them. */

import { blankRow, type History, type Row, type Screen } from "../../../terminal/index.js";
import { positionBar, promptBar } from "./bar.js";
import { type LinePosition, rowsFrom } from "./line-position.js";
import type { ViewState } from "./view-state.js";

/** @param live the program's screen, of which everything but the rows and the cursor stays */
export function renderView(live: Screen, history: History, state: ViewState): Screen {
	const { columns, rows } = live;
	const { top, prompt, search } = state;
	const count = Math.max(1, rows - 1);
	const found = rowsFrom(history, columns, top, count, search?.expression);
	const lines = found.map(({ row }) => row);
	while (lines.length < count) {
		lines.push(blankRow(columns));
	}
	// The row below is another's.
	lines.push((lines.pop() as Row).wrapping(false));
	const first = found[0]?.position ?? top;
	const bar =
		prompt === undefined
			? { row: positionBar(columns, positionOf(first, history, state)), cursor: 0 }
			: promptBar(columns, prompt.sign, prompt.text, state.note);
	const alone = prompt === undefined ? lines : [bar.row];
	return {
		...live,
		lines: rows > 1 ? [...lines, bar.row] : alone,
		cursorRow: rows - 1,
		cursorColumn: bar.cursor,
		cursorVisible: prompt !== undefined,
	};
}

function positionOf({ line }: LinePosition, { first, end, bottom }: History, { openedAt, note }: ViewState) {
	return { line: line - first + 1, lines: bottom - first, newLines: end - openedAt, note };
}
