import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { LimitedCommands } from "../../src/firewall/deadline.js";
import type { Commands, RunOptions } from "../../src/system/commands.js";

function limited(t: TestContext, withinMs: number) {
	const ran: (RunOptions | undefined)[] = [];
	const commands = {
		run: async (_tool: string, _args: readonly string[], options?: RunOptions) => {
			ran.push(options);
			return { stdout: "", stderr: "", exitCode: 0 };
		},
	} as Partial<Commands> as Commands;
	let now = 0;
	t.mock.method(performance, "now", () => now);
	const pass = (ms: number) => {
		now += ms;
	};
	return { ran, pass, commands: new LimitedCommands(commands, withinMs) };
}

describe("commands that must have ended by a certain time", () => {
	test("have what is left of it, or less where they are given less", async (t) => {
		const { ran, pass, commands } = limited(t, 1000);
		await commands.run("nft", []);
		pass(400);
		await commands.run("nft", [], { answers: [1] });
		await commands.run("nft", [], { timeoutMs: 50 });
		await commands.run("nft", [], { timeoutMs: 5000 });
		assert.deepEqual(ran, [
			{ timeoutMs: 1000 },
			{ answers: [1], timeoutMs: 600 },
			{ timeoutMs: 50 },
			{ timeoutMs: 600 },
		]);
	});

	test("are not begun after it", async (t) => {
		const { ran, pass, commands } = limited(t, 2000);
		pass(2000);
		await assert.rejects(commands.run("nft", ["list", "ruleset"]), {
			code: "tool-timeout",
			message: "`nft list ruleset` was not run: the time for reading the rules, 2 s, was over.",
		});
		assert.deepEqual(ran, []);
	});
});
