import assert from "node:assert/strict";
import { test } from "node:test";
import { list } from "../../../src/cli/commands/list.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { PORT, runs, statusOf, tells } from "../../support/guarded-context.js";

test("ports are a table with the names of their users, or JSON with nothing else", async () => {
	const status = statusOf({ ports: [PORT, { ...PORT, port: 60002, uid: 1234 }] });
	const { code, text } = await runs((context) => list(context, {}), tells(status));
	assert.equal(code, EXIT.ok);
	const [head, first, second] = text.split("\n");
	assert.match(head ?? "", /^PORT +STATE +USER/);
	assert.match(first ?? "", /^192\.0\.2\.1:60001 +open +alice +4711/);
	assert.match(second ?? "", /^192\.0\.2\.1:60002 +open +1234/);
	const json = await runs((context) => list(context, { json: true }), tells(status));
	const told = JSON.parse(json.text);
	assert.deepEqual(Object.keys(told), ["schema", "ports"]);
	assert.equal(told.ports[0].user, "alice");
});
