import assert from "node:assert/strict";
import { test } from "node:test";
import { Remembered } from "../../src/firewall/remembered.js";

test("a result is computed once, until eight others have been", () => {
	const remembered = new Remembered<string>();
	const computed: string[] = [];
	const get = (key: string) =>
		remembered.get(key, () => {
			computed.push(key);
			return `of ${key}`;
		});
	assert.deepEqual([get("a"), get("a")], ["of a", "of a"]);
	assert.deepEqual(computed, ["a"]);
	for (const key of "bcdefgh") {
		get(key);
	}
	get("a");
	assert.equal(computed.length, 8);
	get("i");
	get("a");
	assert.deepEqual(computed.slice(8), ["i", "a"]);
});
