import assert from "node:assert/strict";
import { test } from "node:test";
import { SspError } from "../../src/ssp/errors.js";
import { unlessMalformed } from "../../src/ssp/unless-malformed.js";

test("what is malformed is dropped and told, what is well-formed returned, and a bug is neither", () => {
	const dropped: string[] = [];
	const observer = { dropped: (reason: string) => dropped.push(reason) };
	assert.equal(
		unlessMalformed(observer, () => 1),
		1,
	);
	const malformed = () => {
		throw new SspError("bad-diff", "A diff could not be applied.");
	};
	assert.equal(unlessMalformed(observer, malformed), undefined);
	assert.equal(unlessMalformed(undefined, malformed), undefined);
	assert.deepEqual(dropped, ["bad-diff"]);
	const bug = () => {
		throw new TypeError("a bug");
	};
	assert.throws(() => unlessMalformed(observer, bug), /a bug/);
});
