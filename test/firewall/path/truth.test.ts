import assert from "node:assert/strict";
import { test } from "node:test";
import { all, any, not } from "../../../src/firewall/path/truth.js";

test("not turns what is certain round, and leaves what is not", () => {
	assert.deepEqual(
		[true, false, "general", "specific"].map((truth) => not(truth as never)),
		[false, true, "general", "specific"],
	);
});

test("all: one that does not hold decides, and what names something outweighs what does not", () => {
	assert.equal(all([]), true);
	assert.equal(all([true, "general", false]), false);
	assert.equal(all([true, "general"]), "general");
	assert.equal(all(["specific", "general", true]), "specific");
	assert.equal(all(["general", "specific"]), "specific");
});

test("any: one that holds decides", () => {
	assert.equal(any([]), false);
	assert.equal(any(["specific", true]), true);
	assert.equal(any([false, "general"]), "general");
	assert.equal(any(["general", "specific", false]), "specific");
});
