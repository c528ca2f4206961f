import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { after, describe, it } from "node:test";
import { MASTER_FD_IN_CHILD, runWithMaster } from "../../../src/server/host/master-child.js";

describe("a helper", () => {
	const descriptor = openSync(devNull, "r");
	after(() => closeSync(descriptor));
	const sh = (script: string, limitMs?: number) =>
		runWithMaster(descriptor, "/bin/sh", ["-c", script], limitMs);

	it("has the descriptor, nothing else and no environment", async () => {
		const listed = `[ "$(readlink /proc/$$/fd/${MASTER_FD_IN_CHILD})" = ${devNull} ]`;
		assert.equal(await sh(listed), 0);
		assert.equal(await sh('[ -z "$HOME$USER$LANG" ]'), 0);
		assert.equal(await sh(`[ -e /proc/$$/fd/${MASTER_FD_IN_CHILD + 1} ]`), 1);
	});

	it("is told by its exit status, and by none if it did not start or was ended", async () => {
		assert.equal(await sh("exit 7"), 7);
		assert.equal(await sh("kill -9 $$"), undefined);
		assert.equal(await sh("exec sleep 60", 50), undefined);
		assert.equal(await runWithMaster(descriptor, "/nonexistent/helper", []), undefined);
		assert.equal(await runWithMaster(descriptor, "/bin/sh\0", []), undefined);
	});
});
