import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { foregroundProgram } from "../../../src/server/host/foreground.js";

test("a process that is no more, or has no terminal, has no program in the foreground", async () => {
	// In a terminal session of its own.
	const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
	await once(child, "spawn");
	assert.equal(foregroundProgram(child.pid as number), undefined);
	child.kill();
	await once(child, "exit");
	assert.equal(foregroundProgram(child.pid as number), undefined);
});
