import assert from "node:assert/strict";
import { test } from "node:test";
import { kill } from "../../../src/cli/commands/kill.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { PORT, runs, statusOf, tells } from "../../support/guarded-context.js";

test("those who hold the port are ended, and that there are none is the exit code", async () => {
	const { pid, ...unheld } = PORT;
	const ports = [PORT, { ...PORT, port: 60002, pid: 4712 }, { ...unheld, port: 60003 }];
	const killed = (port: number) =>
		runs((context) => kill(context, port, { dryRun: true }), tells(statusOf({ ports })));
	const { code, text } = await killed(60002);
	assert.deepEqual([code, text], [EXIT.ok, "would end  192.0.2.1:60002  pid 4712  age 1m\n"]);
	for (const port of [60003, 60004]) {
		const none = await killed(port);
		assert.deepEqual([none.code, none.text], [EXIT.notOpen, "no such session\n"]);
	}
});
