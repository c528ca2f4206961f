import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "../../../src/cli/commands/status.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { runs, statusOf, tells } from "../../support/guarded-context.js";

const problems = [{ code: "port-blocked", message: "A rule shuts it." }];
const shown = (over: Parameters<typeof statusOf>[0], json = false) =>
	runs((context) => status(context, { json }), tells(statusOf(over)));

test("the exit code tells whether a guard runs, then whether there are problems", async () => {
	assert.equal((await shown({})).code, EXIT.ok);
	assert.equal((await shown({ problems })).code, EXIT.problems);
	assert.equal((await shown({ guard: { running: false }, problems })).code, EXIT.noGuard);
});

test("a status is text, or the guard's JSON with names added", async () => {
	const { text } = await shown({ problems });
	assert.match(text, /^guard +running/);
	assert.match(text, /^problem +port-blocked: A rule shuts it\.$/m);
	const expected = statusOf({ problems });
	assert.deepEqual(JSON.parse((await shown({ problems }, true)).text), {
		...expected,
		ports: expected.ports.map((port) => ({ ...port, user: "alice" })),
	});
});
