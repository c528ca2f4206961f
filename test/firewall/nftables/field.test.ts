/** The administrator's rulesets as they are in the field, on a real host: a port opens and closes, and denies keep winning. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Nftables } from "../../../src/firewall/nftables/nftables.js";
import { type Lab, labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { v4, v6 } from "../conformance.js";
import { labInterfaces, servesAndLeaves } from "../field.js";
import { listNft, loadRuleset } from "./subject.js";

interface FieldCase {
	readonly name: string;
	readonly ruleset: string;
	/** A port that the administrator denies. */
	readonly denied?: number;
}

const BASE = "type filter hook input priority filter; policy drop;";
const USUAL = `ct state vmap { established : accept, related : accept, invalid : drop }
		iifname "lo" accept
		meta l4proto ipv6-icmp accept
		udp dport 7 accept`;

const CASES: readonly FieldCase[] = [
	{
		name: "a chain per interface that ends in a drop",
		denied: 60901,
		ruleset: `table inet filter {
	chain wan {
		tcp dport 22 accept
		udp dport 60901 drop
		limit rate 5/minute log prefix "wan drop: "
		counter drop
	}
	chain input {
		${BASE}
		${USUAL}
		iifname "eth0" jump wan
	}
}`,
	},
	{
		name: "a chain per protocol, by a verdict map, that ends in a reject",
		ruleset: `table inet filter {
	chain udp_in {
		udp dport { 53, 123 } accept
		reject with icmpx port-unreachable
	}
	chain input {
		${BASE}
		${USUAL}
		meta l4proto vmap { icmp : accept, tcp : drop, udp : jump udp_in }
	}
}`,
	},
	{
		name: "Arch's: a limited reject of what is for this host",
		ruleset: `table inet filter {
	chain input {
		${BASE}
		${USUAL}
		meta pkttype host limit rate 5/second counter reject with icmpx type admin-prohibited
		counter
	}
}`,
	},
	{
		name: "a last rule for all but loopback, with policy accept",
		ruleset: `table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		${USUAL}
		iifname != "lo" counter reject
	}
}`,
	},
	{
		name: "a flood guard before the default drop, and a deny of another interface",
		denied: 60901,
		ruleset: `table inet filter {
	chain input {
		${BASE}
		${USUAL}
		udp dport 60901 drop
		meta l4proto udp limit rate over 1000/second drop
		iifname "docker0" drop
	}
}`,
	},
	{
		name: "a verdict map of interfaces, with a goto",
		denied: 60901,
		ruleset: `table inet filter {
	chain world {
		udp dport 60901 reject
		drop
	}
	chain input {
		${BASE}
		${USUAL}
		iifname vmap { "eth0" : goto world, "eth1" : accept }
	}
}`,
	},
	{
		name: "tables of one family each, named as iptables names its",
		denied: 60901,
		ruleset: `table ip filter {
	set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 } }
	chain INPUT {
		${BASE}
		iifname "lo" accept
		ip saddr @blocked counter drop
		udp dport 60901 drop
		udp dport 7 accept
	}
}
table ip6 filter {
	set blocked { type ipv6_addr; flags interval; elements = { 2001:db8::/32 } }
	chain INPUT {
		${BASE}
		meta l4proto ipv6-icmp accept
		ip6 saddr @blocked counter drop
		udp dport 60901 drop
		udp dport 7 accept
	}
}`,
	},
	{
		name: "tables of one family each, with other names",
		ruleset: `table ip filter4 {
	chain input {
		${BASE}
		udp dport 7 accept
	}
}
table ip6 filter6 {
	chain input {
		${BASE}
		meta l4proto ipv6-icmp accept
		udp dport 7 accept
	}
}`,
	},
	{
		name: "two tables that both drop",
		denied: 60901,
		ruleset: `table inet filter {
	chain input {
		${BASE}
		${USUAL}
	}
}
table inet custom {
	chain input {
		type filter hook input priority filter + 5; policy drop;
		${USUAL}
		udp dport 60901 drop
	}
}`,
	},
	{
		name: "two chains of one table that both drop",
		ruleset: `table inet filter {
	chain early {
		type filter hook input priority filter - 5; policy drop;
		${USUAL}
	}
	chain input {
		${BASE}
		${USUAL}
		counter drop
	}
}`,
	},
	{
		name: "a table of both families and one of IPv4 that both drop, beside one switched off",
		ruleset: `table inet filter {
	chain input {
		${BASE}
		${USUAL}
	}
}
table ip more {
	chain input {
		type filter hook input priority filter + 5; policy drop;
		udp dport 7 accept
	}
}
table inet old {
	flags dormant;
	chain input { ${BASE} }
}`,
	},
];

describe("rulesets from the field", { skip: (await labMissing("nft")) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
	});
	after(() => lab.stop());

	for (const { name, ruleset, denied } of CASES) {
		test(name, async () => {
			await loadRuleset(lab, `flush ruleset\n${ruleset}\n`);
			const firewall = new Nftables(lab.server.commands, { interfaces: labInterfaces });
			const openings = [v4(60001), v6(60001), v4(60002, "0.0.0.0"), v6(60002, "::")];
			await servesAndLeaves(lab, firewall, openings, denied, () => listNft(lab));
		});
	}
});

test("a port that is left in one of two tables is not listed, and closed there", {
	skip: (await labMissing("nft")) ?? false,
}, async () => {
	const lab = await startLab();
	try {
		const table = (name: string) => `table inet ${name} {\nchain input {\n${BASE}\n${USUAL}\n}\n}\n`;
		await loadRuleset(lab, `flush ruleset\n${table("one")}${table("two")}`);
		const firewall = new Nftables(lab.server.commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		await lab.server.sh("nft delete element inet two mosh_portguard_4 '{ 10.77.0.1 . 60001 }'");
		assert.deepEqual(await firewall.list(), [v4(60002)]);
		assert.deepEqual(await firewall.repair(), [v4(60002)]);
		assert.equal((await listNft(lab)).includes("10.77.0.1 . 60001"), false);
		await firewall.apply({ open: [v4(60001)], close: [] });
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
	} finally {
		await lab.stop();
	}
});
