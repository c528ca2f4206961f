import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { attemptAll, FirewallError } from "../../src/firewall/errors.js";
import { SystemCommands } from "../../src/system/commands.js";
import { v4 } from "../firewall/conformance.js";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { type Lab, labMissing, startLab } from "../lab/hosts.js";
import { childrenOf, commandLineOf } from "../support/processes.js";
import { until } from "../support/wait.js";

const execFileAsync = promisify(execFile);
const ECHO = "echo $$; cat";

describe("running a command", () => {
	const commands = new SystemCommands();

	test("takes it from the system's own directories and gives it a known environment", async () => {
		process.env.PORTGUARD_TEST_LEAK = "leaked";
		const { stdout } = await commands.run("env", []);
		delete process.env.PORTGUARD_TEST_LEAK;
		assert.match(stdout, /^LC_ALL=C$/m);
		assert.doesNotMatch(stdout, /leaked/);
	});

	test("hands over its input and treats named exit codes as answers", async () => {
		assert.equal((await commands.run("cat", [], { input: "*filter\n" })).stdout, "*filter\n");
		assert.equal((await commands.run("grep", ["x"], { input: "y", answers: [1] })).exitCode, 1);
		await assert.rejects(commands.run("grep", ["x"], { input: "y" }), { code: "tool-failed" });
	});

	test("says which command is missing", async () => {
		await assert.rejects(commands.run("no-such-firewall", []), {
			code: "tool-missing",
			message: /no-such-firewall is not installed/,
		});
	});

	test("stops one that hangs", async () => {
		await assert.rejects(commands.run("sleep", ["60"], { timeoutMs: 50 }), { code: "tool-timeout" });
	});

	test("has the next one wait for its input where that is asked for, and does without when it was ended", async () => {
		const run = async (input: string) =>
			(await commands.run("sh", ["-c", ECHO], { input, prestart: true })).stdout;
		const waiting = () => childrenOf(process.pid).filter((pid) => commandLineOf(pid).at(-1) === ECHO);
		assert.match(await run("first"), /^\d+\nfirst$/);
		await until("another waits", () => waiting().length === 1);
		const [next = 0] = waiting();
		assert.equal(await run("second"), `${next}\nsecond`);
		assert.ok(commands.started(next));
		await until("another waits", () => waiting().length === 1);
		const [ended = 0] = waiting();
		process.kill(ended, "SIGKILL");
		await until("it is gone", () => !childrenOf(process.pid).includes(ended));
		assert.match(await run("third"), /^\d+\nthird$/);
	});

	test("that waits keeps no program from ending, and ends with it", async () => {
		const program = `
			import { SystemCommands } from ${JSON.stringify(new URL("../../src/system/commands.ts", import.meta.url))};
			const commands = new SystemCommands();
			for (const input of ["one", "two"]) {
				const { stdout } = await commands.run("sh", ["-c", ${JSON.stringify(ECHO)}], { input, prestart: true });
				await new Promise((resolve) => setTimeout(resolve, 200));
				console.log(stdout);
			}`;
		const { stdout } = await execFileAsync(
			process.execPath,
			["--import", "tsx", "--input-type=module", "-e", program],
			{ cwd: new URL("../..", import.meta.url) },
		);
		assert.match(stdout, /^\d+\none\n\d+\ntwo\n$/);
	});

	test("follows one line by line and tells when it ends by itself, but not when it was stopped", async () => {
		const lines: string[] = [];
		await new Promise<void>((ended, fail) => {
			commands.follow("printf", ["one\\ntwo\\n"], (line) => lines.push(line), ended).catch(fail);
		});
		assert.deepEqual(lines, ["one", "two"]);
		let ends = 0;
		const follower = await commands.follow(
			"sleep",
			["60"],
			() => undefined,
			() => {
				ends += 1;
			},
		);
		await follower.stop();
		assert.equal(ends, 0);
	});
});

test("teardown goes on after an error and reports every one", async () => {
	const done: number[] = [];
	const step = (n: number, code?: "tool-failed") => async () => {
		done.push(n);
		if (code !== undefined) throw new FirewallError(code, `Step ${n} failed.`);
	};
	await attemptAll([step(1), step(2)]);
	await assert.rejects(attemptAll([step(3, "tool-failed"), step(4)]), { code: "tool-failed" });
	await assert.rejects(attemptAll([step(5, "tool-failed"), step(6), step(7, "tool-failed")]), {
		code: "several",
		message: "Step 5 failed. Step 7 failed.",
	});
	assert.deepEqual(done, [1, 2, 3, 4, 5, 6, 7]);
});

const subject = iptablesSubject("legacy");
describe("a full disk", { skip: (await labMissing(...subject.tools)) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await subject.setUp(lab);
	});
	after(() => lab.stop());

	test("is named as the cause, and nothing that was open closes", async () => {
		const firewall = await subject.create(lab);
		await firewall.ensure();
		await firewall.apply({ open: [v4(60001)], close: [] });
		// iptables-legacy keeps its lock as a file: a file system without a free inode cannot make it.
		await lab.server.sh(
			"rm -f /run/xtables.lock; mount -o remount,nr_inodes=1 /run || mount -t tmpfs -o nr_inodes=1 tmpfs /run",
		);
		await assert.rejects(
			firewall.apply({ open: [v4(60002)], close: [v4(60001)] }),
			(error: FirewallError) => {
				assert.match(error.message, /disk is full/);
				return true;
			},
		);
		assert.equal(await lab.isOpen("10.77.0.1", 60001), true);
	});
});
