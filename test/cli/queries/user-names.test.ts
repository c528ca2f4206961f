import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../../src/cli/context.js";
import { userNames } from "../../../src/cli/queries/user-names.js";
import type { Commands } from "../../../src/system/commands.js";

function context(run: Commands["run"]): Context {
	const commands = { find: async () => "/usr/bin/getent", run } as Partial<Commands> as Commands;
	return { commands } as Partial<Context> as Context;
}

test("users are named, each asked for once, and by number where there is no name", async () => {
	const asked: string[] = [];
	const nameOf = await userNames(
		context(async (_tool, args) => {
			asked.push(args.at(-1) ?? "");
			const stdout = args.at(-1) === "1000" ? "al\x1bice:x:1000:1000::/:/bin/sh\n" : "";
			return { stdout, stderr: "", exitCode: stdout === "" ? 2 : 0 };
		}),
		[1000, 7, 1000],
	);
	assert.deepEqual(asked, ["1000", "7"]);
	assert.deepEqual([nameOf(1000), nameOf(7), nameOf(8)], ["al\\x1bice", "7", "8"]);
});

test("a name service that fails makes no error", async () => {
	const nameOf = await userNames(
		context(() => Promise.reject(new Error("no answer"))),
		[1000],
	);
	assert.equal(nameOf(1000), "1000");
});
