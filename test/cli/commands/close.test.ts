import assert from "node:assert/strict";
import { test } from "node:test";
import { close } from "../../../src/cli/commands/close.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { PORT, runs } from "../../support/guarded-context.js";

const { family, address, port } = PORT;
const answer = (...closed: (typeof PORT)[]) => {
	const ports = closed.map(() => ({ family, address, port }));
	return () => ({ type: "synced", opened: [], closed: ports, dryRun: false }) as const;
};

test("a port is closed by the guard, and whether there was one is the exit code", async () => {
	const closed = await runs((context) => close(context, port, {}), answer(PORT));
	assert.deepEqual(closed.heard, [{ type: "close", port, dryRun: false }]);
	assert.deepEqual([closed.code, closed.text], [EXIT.ok, "closed  192.0.2.1:60001\n"]);
	const none = await runs((context) => close(context, port, { dryRun: true }), answer());
	assert.deepEqual([none.code, none.text], [EXIT.notOpen, "nothing to change\n"]);
});

test("it takes root and a guard that runs", async () => {
	await assert.rejects(
		runs((context) => close(context, port, {}), undefined, { privileged: false }),
		{ exit: "notPermitted" },
	);
	await assert.rejects(
		runs((context) => close(context, port, {})),
		{ exit: "noGuard" },
	);
});
