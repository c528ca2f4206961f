import assert from "node:assert/strict";
import { test } from "node:test";
import { sessions } from "../../../src/cli/doctor/sessions.js";
import { finds, OPEN } from "../../support/doctor.js";

test("a refused port, then any other problem, else how many ports there are", async () => {
	const refused = { ...OPEN, state: "refused", code: "user-limit", reason: "too many" } as const;
	const problems = [{ code: "port-blocked", message: "A rule shuts it." }];
	const bad = await finds(sessions, { ports: [OPEN, refused], problems });
	assert.deepEqual(bad, {
		state: "bad",
		says: "refused: 192.0.2.1:60001 (too many)",
		remedy: "mosh-portguard explain 60001",
	});
	assert.deepEqual(await finds(sessions, { ports: [OPEN], problems }), {
		state: "bad",
		says: "A rule shuts it.",
		remedy: "mosh-portguard status",
	});
	assert.equal((await finds(sessions, { ports: [OPEN] })).says, "mosh-servers that hold a port: 1");
	assert.equal((await finds(sessions, {})).state, "good");
});
