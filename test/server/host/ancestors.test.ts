import assert from "node:assert/strict";
import { test } from "node:test";
import { ancestorsOf } from "../../../src/server/host/ancestors.js";

test("a process is followed by its parent, and so on, without the first one", () => {
	const found = ancestorsOf(process.pid);
	assert.deepEqual(
		found.slice(0, process.ppid > 1 ? 2 : 1),
		process.ppid > 1 ? [process.pid, process.ppid] : [process.pid],
	);
	assert.ok(!found.includes(1) && !found.includes(0));
	assert.equal(new Set(found).size, found.length);
});

test("one that is no more has no ancestors, and the first has none at all", () => {
	assert.deepEqual(ancestorsOf(2 ** 22 + 1), [2 ** 22 + 1]);
	assert.deepEqual(ancestorsOf(1), []);
});
