/** Which cell a mark joins. */
import { describe } from "node:test";
import { showAsXterm } from "../../support/as-xterm.js";

describe("a mark joins", () => {
	showAsXterm([
		// The cell under the cursor, where that has been moved: what is printed next replaces both.
		["abc\x1b[1;2H\u0301X", ["aXc"], [0, 2]],
		["abc\x1b[1;2H\u0301", ["ab\u0301c"], [0, 1]],
		["abc\x1b[1;2H\u0301\u0302", ["ab\u0301\u0302c"], [0, 1]],
		// The character before, where it has not.
		["abc\u0301X", ["abc\u0301X"], [0, 4]],
		["abc\x1b[1m\u0301X", ["abc\u0301X"], [0, 4]],
	]);
});
