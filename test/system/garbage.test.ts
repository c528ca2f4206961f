import assert from "node:assert/strict";
import { test } from "node:test";
import { collectGarbage } from "../../src/system/garbage.js";

test("what nobody holds is gone at once", async () => {
	const held = new WeakRef({});
	// A reference that has been made stays alive to the end of its turn.
	await new Promise((resolve) => setImmediate(resolve));
	collectGarbage();
	assert.equal(held.deref(), undefined);
});
