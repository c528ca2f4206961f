/** The text of rows, for tests that look at what is shown. */
import { CODE_POINT_MASK, type Row, SPACER } from "../../src/terminal/screen/row.js";

/** Without trailing blanks. */
export function textOf(row: Row): string {
	let text = "";
	for (let column = 0; column * 3 < row.cells.length; column++) {
		const word = row.cells[column * 3] ?? 0;
		if ((word & SPACER) === 0) {
			text += (word & CODE_POINT_MASK) === 0 ? " " : row.textAt(column);
		}
	}
	return text.trimEnd();
}
