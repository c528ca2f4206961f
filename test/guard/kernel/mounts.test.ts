import assert from "node:assert/strict";
import { test } from "node:test";
import { mountOf } from "../../../src/guard/kernel/mounts.js";

test("a mount has a number, and what lies in it has the same", () => {
	const proc = mountOf("/proc");
	assert.match(proc ?? "", /^\d+$/);
	assert.equal(mountOf("/proc/self/status"), proc);
	assert.notEqual(mountOf("/"), proc);
});

test("what is not there is in none", () => {
	assert.equal(mountOf("/nonexistent/file"), undefined);
});
