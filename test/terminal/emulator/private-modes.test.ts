import assert from "node:assert/strict";
import { test } from "node:test";
import { hasMode } from "../../../src/terminal/emulator/private-modes.js";

test("a mode is among the parameters in use, not among those of an earlier sequence behind them", () => {
	const list = { params: Int32Array.of(47, 1049, 3), length: 2 };
	assert.equal(hasMode(list, 1049), true);
	assert.equal(hasMode(list, 3), false);
	assert.equal(hasMode({ ...list, length: 0 }, 47), false);
});
