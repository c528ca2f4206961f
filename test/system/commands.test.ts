import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { printed, SystemCommands } from "../../src/system/commands.js";
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

	test("returns what it prints alone where that is all that matters, and nothing where it fails", async () => {
		assert.equal(await printed(commands, "sh", "-c", "echo said"), "said\n");
		assert.equal(await printed(commands, "sh", "-c", "echo said; exit 1"), "");
		assert.equal(await printed(commands, "no-such-command"), "");
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
		assert.ok(commands.started(next, "sh"));
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
