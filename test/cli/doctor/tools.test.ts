import assert from "node:assert/strict";
import { test } from "node:test";
import { tools } from "../../../src/cli/doctor/tools.js";
import { finds } from "../../support/doctor.js";

test("a missing lock as bad, and what else is missing as worth a hint", async () => {
	const all = { flock: "", stdbuf: "", ss: "", conntrack: "" };
	assert.equal((await finds(tools, { prints: all })).state, "good");
	const { conntrack, ...without } = all;
	const { state, remedy } = await finds(tools, { prints: without });
	assert.deepEqual([state, remedy], ["hint", "apt install conntrack"]);
	assert.equal((await finds(tools, {})).state, "bad");
});
