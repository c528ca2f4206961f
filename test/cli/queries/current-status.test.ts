import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../../src/cli/context.js";
import { currentStatus } from "../../../src/cli/queries/current-status.js";
import type { Status } from "../../../src/guard/report/status.js";
import { runs, statusOf, tells } from "../../support/guarded-context.js";

async function seen(...more: Parameters<typeof runs> extends [unknown, ...infer Rest] ? Rest : never) {
	let status: Status | undefined;
	const ask = async (context: Context) => {
		status = await currentStatus(context);
		return 0;
	};
	await runs(ask, ...more);
	return status as Status;
}

test("a guard that runs is asked", async () => {
	assert.deepEqual(await seen(tells(statusOf())), statusOf());
});

test("without one, a user who is not root is told what cannot be seen, as one problem", async () => {
	const { guard, firewall, problems } = await seen(undefined, { privileged: false });
	assert.equal(guard.running, false);
	assert.equal(firewall.name, "unknown");
	assert.deepEqual(
		problems.map(({ code }) => code),
		["not-root"],
	);
	assert.match(problems[0]?.message ?? "", /Try sudo/);
});
