import assert from "node:assert/strict";
import { test } from "node:test";
import { guard } from "../../../src/cli/doctor/guard.js";
import { finds } from "../../support/doctor.js";

test("a missing guard", async () => {
	const { state, remedy } = await finds(guard, {});
	assert.deepEqual([state, remedy], ["bad", "systemctl enable --now mosh-portguard"]);
});
