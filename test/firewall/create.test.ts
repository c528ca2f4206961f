import assert from "node:assert/strict";
import { test } from "node:test";
import { createFirewall } from "../../src/firewall/create.js";
import { UfwCommand } from "../../src/firewall/ufw/command.js";
import { SystemCommands } from "../../src/system/commands.js";
import { v4, v6 } from "./conformance.js";

test("makes the firewall that was named", () => {
	const commands = new SystemCommands();
	for (const name of ["ufw", "iptables", "nftables", "firewalld", "none"] as const) {
		assert.equal(createFirewall(name, commands).name, name);
	}
	assert.ok(createFirewall("ufw", commands, { ufwMode: "command" }) instanceof UfwCommand);
	assert.ok(!(createFirewall("ufw", commands) instanceof UfwCommand));
});

test("with no firewall, what is wanted is remembered and called open", async () => {
	const none = createFirewall("none", new SystemCommands());
	await none.apply({ open: [v4(60001), v6(60002)], close: [] });
	await none.apply({ open: [v4(60001)], close: [v6(60002)] });
	assert.deepEqual(await none.list(), [v4(60001)]);
	await assert.rejects(none.apply({ open: [v4(0)], close: [] }), { code: "invalid-opening" });
	await none.clear();
	assert.deepEqual(await none.list(), []);
});
