import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { callerOf } from "../../../src/server/host/caller.js";
import { until } from "../../support/wait.js";

describe("what the launcher was given", () => {
	let launcher: ChildProcess;
	before(async () => {
		launcher = spawn("/bin/sh", ["-c", "read x", "mosh-server", "new", "-p", "60001", "é"], {
			env: { B: "2", A: "1=1" },
			stdio: ["pipe", "ignore", "ignore"],
		});
		await until("it runs", () => callerOf(`${launcher.pid}`, ["é"]).entries.includes("B=2"));
	});
	after(async () => {
		launcher.kill();
		await once(launcher, "exit");
	});

	it("is read from the kernel: the environment in its order, and the words behind those of the server", () => {
		const { words, entries } = callerOf(`${launcher.pid}`, ["new", "-p", "60001", "é"]);
		assert.deepEqual(words, ["new", "-p", "60001", "é"]);
		assert.deepEqual(
			entries.filter((entry) => /^[AB]=/.test(entry)),
			["B=2", "A=1=1"],
		);
	});

	it("is not what another program was started with", () => {
		assert.deepEqual(callerOf(`${launcher.pid}`, ["another", "word"]).words, ["another", "word"]);
	});

	it("is what this process has where there is no launcher", () => {
		const { words, entries, signals } = callerOf("none", ["new"]);
		assert.deepEqual(words, ["new"]);
		assert.equal(entries.length, Object.keys(process.env).length);
		assert.deepEqual(signals, { ignored: "0", blocked: "0" });
	});
});
