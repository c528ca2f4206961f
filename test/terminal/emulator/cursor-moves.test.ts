/** Where the cursor goes in origin mode, with a wrap pending, and back to where it was saved. */
import { describe } from "node:test";
import { showAsXterm } from "../../support/as-xterm.js";

const full = "x".repeat(20);

describe("in origin mode the cursor moves", () => {
	showAsXterm([
		["\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[CX", ["", "", "", "  X"], [3, 3]],
		["\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[4GX\x1b[2`Y", ["", "", "", " Y X"], [3, 2]],
		["\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[BX\x1b[AY", ["", "", "", "  Y", " X"], [3, 3]],
		["\x1b[6;5H\x1b7\x1b[3;6r\x1b[?6h\x1b8\x1b[1;1HX", ["X"], [0, 1]],
	]);
});

describe("a pending wrap stays or goes", () => {
	showAsXterm([
		[`${full}\x1b[KY`, ["x".repeat(19).concat("Y")], [0, 19]],
		[`${full}\x1b[1KY`, [`${" ".repeat(19)}Y`], [0, 19]],
		[`${full}\x1b[JY`, ["x".repeat(19).concat("Y")], [0, 19]],
		[`${full}\x1b7\x1b[H\x1b8Y`, [full, "Y"], [1, 1]],
		[`${full}\x1b[Z`, [full], [0, 16]],
		[`${full}\x1b[2Z`, [full], [0, 8]],
		[`${full}\x1b[ZY`, [full, "Y"], [1, 1]],
	]);
});
