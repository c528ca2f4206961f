import assert from "node:assert/strict";
import { test } from "node:test";
import { NoFirewall } from "../../../src/firewall/none/none.js";
import { v4, v6 } from "../conformance.js";

test("with no firewall, what is wanted is remembered and called open", async () => {
	const none = new NoFirewall();
	await none.apply({ open: [v4(60001), v6(60002)], close: [] });
	await none.apply({ open: [v4(60001)], close: [v6(60002)] });
	assert.deepEqual(await none.list(), [v4(60001)]);
	await assert.rejects(none.apply({ open: [v4(0)], close: [] }), { code: "invalid-opening" });
	assert.deepEqual(await none.repair(), [v4(60001)]);
	await none.clear();
	assert.deepEqual(await none.list(), []);
});
