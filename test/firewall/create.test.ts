import assert from "node:assert/strict";
import { test } from "node:test";
import { createFirewall } from "../../src/firewall/create.js";
import { UfwCommand } from "../../src/firewall/ufw/command.js";
import { SystemCommands } from "../../src/system/commands.js";

test("makes the firewall that was named", () => {
	const commands = new SystemCommands();
	for (const name of ["ufw", "iptables", "nftables", "firewalld", "none"] as const) {
		assert.equal(createFirewall(name, commands).name, name);
	}
	assert.ok(createFirewall("ufw", commands, { ufwMode: "command" }) instanceof UfwCommand);
	assert.ok(!(createFirewall("ufw", commands) instanceof UfwCommand));
});
