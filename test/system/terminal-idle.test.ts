import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { terminalIdleSeconds } from "../../src/system/terminal-idle.js";

test("a process that is no more tells nothing", () => {
	assert.equal(terminalIdleSeconds(2 ** 22 + 1), undefined);
});

test("one that holds a pty's master tells when somebody last typed into it, one without any nothing", async () => {
	const holder = spawn("/bin/sh", ["-c", "echo up; read x; exec 3<>/dev/ptmx; echo up; read x"]);
	const pid = holder.pid as number;
	await once(holder.stdout, "data");
	assert.equal(terminalIdleSeconds(pid), undefined);
	holder.stdin.write("\n");
	await once(holder.stdout, "data");
	const idle = terminalIdleSeconds(pid, Date.now() + 600_000);
	assert.ok(idle !== undefined && idle >= 600 && idle < 900, `${idle} s`);
	holder.stdin.end();
	await once(holder, "exit");
});
