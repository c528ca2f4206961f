import assert from "node:assert/strict";
import { test } from "node:test";
import { sync } from "../../../src/cli/commands/sync.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { PORT, runs } from "../../support/guarded-context.js";

const { family, address, port } = PORT;

test("a guard that runs is asked, and what it changed is shown", async () => {
	for (const dryRun of [false, true]) {
		const { code, text, heard } = await runs(
			(context) => sync(context, { dryRun }),
			() => ({ type: "synced", opened: [{ family, address, port }], closed: [], dryRun }),
		);
		assert.deepEqual(heard, [{ type: "sync", dryRun }]);
		assert.deepEqual([code, text], [EXIT.ok, `${dryRun ? "would be " : ""}opened  192.0.2.1:60001\n`]);
	}
});

test("without one it takes root", async () => {
	await assert.rejects(
		runs((context) => sync(context, {}), undefined, { privileged: false }),
		{ exit: "notPermitted" },
	);
});
