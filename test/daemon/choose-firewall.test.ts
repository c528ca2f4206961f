import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULTS } from "../../src/config/schema.js";
import { chooseFirewall } from "../../src/daemon/choose-firewall.js";
import { pathsIn } from "../../src/daemon/paths.js";
import type { Commands } from "../../src/system/commands.js";

/** A host on which nothing is installed. */
function host(privileged: boolean) {
	const asked: string[] = [];
	const commands = {
		find: async (tool: string) => {
			asked.push(tool);
			return undefined;
		},
	} as Partial<Commands> as Commands;
	return { asked, host: { commands, paths: pathsIn("/nonexistent"), privileged } };
}

test("without root it is not known which is in force, and nothing is asked", async () => {
	const { asked, host: user } = host(false);
	const { firewall, unserved, incomplete } = await chooseFirewall(DEFAULTS, user);
	assert.deepEqual([firewall.name, unserved, incomplete, asked], ["none", [], true, []]);
});

test("one that the configuration names is served, whatever is in force", async () => {
	const { firewall, reason } = await chooseFirewall(
		{ ...DEFAULTS, firewall: { name: "none" } },
		host(true).host,
	);
	assert.equal(firewall.name, "none");
	assert.match(reason, /configur/);
});
