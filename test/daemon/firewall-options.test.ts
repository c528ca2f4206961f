import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/load.js";
import { type Config, DEFAULTS } from "../../src/config/schema.js";
import { firewallOptions } from "../../src/daemon/firewall-options.js";

function optionsOf(text: string) {
	const { ufw, iptables, nftables } = parseConfig("config.toml", text);
	const config: Config = {
		...DEFAULTS,
		ufw: { ...DEFAULTS.ufw, ...ufw } as Config["ufw"],
		iptables: { ...DEFAULTS.iptables, ...iptables } as Config["iptables"],
		nftables: { ...DEFAULTS.nftables, ...nftables } as Config["nftables"],
	};
	return firewallOptions(config);
}

test("every key of a firewall reaches its option; by default no set, no variant, and ufw's chain", () => {
	const defaults = { ufwMode: "chain", variant: undefined, nftablesSet: undefined };
	assert.deepEqual(optionsOf(""), defaults);
	assert.deepEqual(optionsOf('[nftables]\nset = ""\n[iptables]\nvariant = "auto"\n'), defaults);
	assert.deepEqual(
		optionsOf('[ufw]\nmode = "command"\n[iptables]\nvariant = "legacy"\n[nftables]\nset = "my_ports"\n'),
		{ ufwMode: "command", variant: "legacy", nftablesSet: "my_ports" },
	);
});
