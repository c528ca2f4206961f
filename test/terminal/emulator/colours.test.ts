/** Direct colours, with a colour space and without. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lacksColourSpace } from "../../../src/terminal/emulator/colours.js";
import { screenAfter } from "../../support/as-xterm.js";
import { pictureOfScreen } from "../../support/screen-picture.js";

for (const [parameters, foreground, background] of [
	["38:2:10:20:30", "#0a141e", "default"],
	["38:2::10:20:30", "#0a141e", "default"],
	["38:2:1:10:20:30:0:1", "#0a141e", "default"],
	["48:2:200:100:50", "default", "#c86432"],
	["1;48:2:200:100:50;38:2:0:0:1;4", "#000001", "#c86432"],
	["38:2:1:2", "#020000", "default"],
	["58:2:200:100:50;3", "default", "default"],
] as const) {
	test(`SGR ${parameters} is the colour meant, of cells and of what is printed next`, () => {
		const screen = screenAfter(`\x1b[${parameters}mX`);
		const { rendition, lines } = pictureOfScreen(screen);
		assert.deepEqual(lines[0]?.cells[0]?.rendition, rendition);
		assert.deepEqual([rendition.foreground, rendition.background], [foreground, background]);
	});
}

test("a colour space is missing where four numbers of a direct colour are given", () => {
	assert.equal(lacksColourSpace([2, 10, 20, 30]), true);
	assert.equal(lacksColourSpace([2, 0, 10, 20, 30]), false);
	assert.equal(lacksColourSpace([5, 10, 20, 30]), false);
	assert.equal(lacksColourSpace([]), false);
});
