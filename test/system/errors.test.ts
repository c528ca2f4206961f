import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError, messageOf } from "../../src/system/errors.js";

test("whatever is thrown has a message", () => {
	const cause = new Error("the cause");
	const error = new CommandError("tool-failed", "nft failed", { cause });
	assert.deepEqual([error.name, error.code, error.cause], ["CommandError", "tool-failed", cause]);
	assert.deepEqual(
		[messageOf(error), messageOf("a word"), messageOf(undefined)],
		["nft failed", "a word", "undefined"],
	);
});
