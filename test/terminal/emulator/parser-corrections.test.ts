/** Strings with text of other scripts, and sequences with colons. */
import { describe } from "node:test";
import { showAsXterm } from "../../support/as-xterm.js";

describe("a string is ignored to its end", () => {
	showAsXterm([
		["\x1b_aébéc\x1b\\X", ["X"], [0, 1]],
		["\x1bXé\ufffdb\x1b\\X", ["X"], [0, 1]],
		["\x1b^é\x1b\\X", ["X"], [0, 1]],
		["\x1bPéabc\x1b\\X", ["X"], [0, 1]],
		["\x1bP1;é\x1b\\X", ["X"], [0, 1]],
	]);
});

describe("a sequence with colons is none that is known without them", () => {
	showAsXterm([
		["a\x1b[3:2CX", ["aX"], [0, 2]],
		["a\x1b[3CX", ["a   X"], [0, 5]],
	]);
});
