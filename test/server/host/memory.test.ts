import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseMemory } from "../../../src/server/host/memory.js";

test("what nobody holds is gone at once", async () => {
	const held = new WeakRef({});
	// A reference that has been made stays alive to the end of its turn.
	await new Promise((resolve) => setImmediate(resolve));
	releaseMemory();
	assert.equal(held.deref(), undefined);
});
