import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CommandProcess } from "../../src/system/command-process.js";

const ENVIRONMENT = { PATH: "/usr/bin:/bin" };
const sh = (script: string) => new CommandProcess("/bin/sh", ["-c", script], ENVIRONMENT);
const LONG_MS = 60_000;

describe("a command's process", () => {
	test("waits for its input, and tells what it printed", async () => {
		const command = sh("cat; echo problem >&2; exit 3");
		assert.equal(command.alive, true);
		const { failure, stdout, stderr } = await command.finish("given", LONG_MS);
		assert.deepEqual([failure?.code, stdout, stderr], [3, "given", "problem\n"]);
		assert.equal(command.alive, false);
	});

	test("has its environment and no more, and the root as its folder", async () => {
		const { stdout } = await sh("echo $PWD; env").finish("", LONG_MS);
		assert.equal(stdout.split("\n")[0], "/");
		assert.doesNotMatch(stdout, /^HOME=/m);
	});

	test("may leave its input unread", async () => {
		const { failure } = await sh("exit 0").finish("x".repeat(1_000_000), LONG_MS);
		assert.equal(failure, null);
	});

	test("is ended when its time is over, whatever it makes of SIGTERM", async () => {
		const { failure } = await sh("trap '' TERM; echo up; while :; do sleep 1; done").finish("", 50);
		assert.equal(failure?.signal, "SIGKILL");
	});

	test("that cannot be started is a failure, not an error thrown", async () => {
		const { failure } = await new CommandProcess("/nonexistent/tool", [], ENVIRONMENT).finish("", LONG_MS);
		assert.equal(failure?.code, "ENOENT");
		const impossible = new CommandProcess("/bin/sh\0", [], ENVIRONMENT);
		assert.equal(impossible.alive === false || (await impossible.finish("", LONG_MS)).failure !== null, true);
		assert.equal(impossible.pid, undefined);
	});
});
