import assert from "node:assert/strict";
import { test } from "node:test";
import { eitherNoted, entryOf, noting } from "../../../src/firewall/path/noted.js";

const there = noting(undefined, "s", "remote", true);
const perhaps = noting(undefined, "s", "remote", "general");

test("what a rule puts in is there, where the rule is met", () => {
	assert.equal(entryOf(there, "s", "remote"), "certain");
	assert.equal(entryOf(there, "s", "local"), undefined);
	assert.equal(entryOf(there, "t", "remote"), undefined);
	assert.equal(entryOf(perhaps, "s", "remote"), "perhaps");
	assert.equal(noting(there, "s", "local", false), there);
	assert.equal(entryOf(noting(there, "s", "remote", "specific"), "s", "remote"), "certain");
});

test("what a rule takes out is gone", () => {
	assert.equal(entryOf(noting(there, "s", "remote", true, "gone"), "s", "remote"), "gone");
	assert.equal(entryOf(noting(there, "s", "remote", "general", "gone"), "s", "remote"), "perhaps");
	assert.equal(entryOf(noting(undefined, "s", "remote", "general", "gone"), "s", "remote"), "perhaps");
});

test("a key that is not known may be any", () => {
	const some = noting(undefined, "s", undefined, true);
	assert.equal(entryOf(some, "s", "remote"), "perhaps");
	assert.equal(entryOf(some, "t", "remote"), undefined);
	assert.equal(entryOf(there, "s", undefined), "perhaps");
	assert.equal(entryOf(there, "t", undefined), undefined);
	assert.equal(entryOf(undefined, "s", undefined), undefined);
});

test("of two ways, only what both have noted is certain", () => {
	assert.equal(eitherNoted(undefined, undefined), undefined);
	assert.equal(entryOf(eitherNoted(there, undefined), "s", "remote"), "perhaps");
	assert.equal(entryOf(eitherNoted(there, noting(undefined, "s", "remote", true)), "s", "remote"), "certain");
	assert.equal(entryOf(eitherNoted(perhaps, there), "s", "remote"), "perhaps");
});
