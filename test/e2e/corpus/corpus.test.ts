/** What the corpus promises its users. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { StockEmulator } from "../../support/stock-emulator/index.js";
import { corpus } from "./index.js";

describe("the corpus of program output", () => {
	test("names are unique and there are at least seventy streams", () => {
		assert.ok(corpus.length >= 70);
		assert.equal(new Set(corpus.map(({ name }) => name)).size, corpus.length);
	});

	for (const { name, bytes } of corpus) {
		test(`${name}: prompts no answer and ends outside any sequence`, () => {
			const emulator = new StockEmulator(80, 24);
			const blank = emulator.screen();
			emulator.write(bytes);
			assert.notDeepEqual(emulator.screen(), blank);
			assert.deepEqual(emulator.replies, []);
			assert.equal(emulator.parserInGround, true);
		});
	}
});
