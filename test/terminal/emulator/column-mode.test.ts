/** What is left of the switch between 80 and 132 columns: the screen is cleared, the width stays. */
import { describe } from "node:test";
import { showAsXterm } from "../../support/as-xterm.js";

describe("the switch, where a program has allowed it,", () => {
	showAsXterm([
		["\x1b[?40h\x1b[5;5Hxyz\x1b[3;4r\x1b[?3hA", ["A"], [0, 1]],
		["\x1b[?40h\x1b[5;5Hxyz\x1b[?3lA", ["A"], [0, 1]],
		// The margins are the whole screen again.
		["\x1b[?40h\x1b[3;4r\x1b[?3h\x1b[8;1H\nX", ["", "", "", "", "", "", "", "X"], [7, 1]],
	]);
});

describe("elsewhere nothing happens", () => {
	showAsXterm([
		["\x1b[5;5Hxyz\x1b[?3hA", ["", "", "", "", "    xyzA"], [4, 8]],
		["\x1b[?40h\x1b[?40lxyz\x1b[?3hA", ["xyzA"], [0, 4]],
		["\x1b[?40h\x1bcxyz\x1b[?3hA", ["xyzA"], [0, 4]],
	]);
});

describe("the alignment test resets the margins", () => {
	showAsXterm([
		[
			"\x1b[4;5r\x1b[2;2H\x1b#8\n\n\n\n\n\n\nX",
			Array(7)
				.fill("E".repeat(20))
				.concat(`X${"E".repeat(19)}`),
			[7, 1],
		],
	]);
});
