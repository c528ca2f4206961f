import assert from "node:assert/strict";
import { test } from "node:test";
import { FirewallCommands } from "../../src/firewall/commands.js";
import { FirewallError } from "../../src/firewall/errors.js";
import { SystemCommands } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";

test("a command that fails is an error of the firewall, with its cause", async () => {
	const commands = new FirewallCommands(new SystemCommands());
	assert.equal((await commands.run("echo", ["words"])).stdout, "words\n");
	assert.match((await commands.find("echo")) ?? "", /\/echo$/);
	const ignore = () => undefined;
	for (const run of [
		() => commands.run("no-such-command", []),
		() => commands.follow("no-such-command", [], ignore, ignore),
	]) {
		await assert.rejects(run, (error) => {
			assert.ok(error instanceof FirewallError && error.cause instanceof CommandError);
			assert.equal(error.code, "tool-missing");
			return true;
		});
	}
});
