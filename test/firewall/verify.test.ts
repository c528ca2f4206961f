/**
 * What the product says of an open port is the rule that lets a datagram in, and what it says from one client is what that one
 * meets. Each is tried on a host, and from another one. What shuts ports: test/acceptance/field.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Explanation, Firewall, FirewallName } from "../../src/firewall/firewall.js";
import { createIptables } from "../../src/firewall/iptables/iptables.js";
import { Nftables } from "../../src/firewall/nftables/nftables.js";
import { NoFirewall } from "../../src/firewall/none/none.js";
import { createUfw } from "../../src/firewall/ufw/ufw.js";
import { CLIENT4, CONTROL_PORT, type Lab, labMissing, SERVER4, startLab } from "../lab/hosts.js";
import { explainIn, readVerifier } from "../lab/verify.js";
import { v4 } from "./conformance.js";
import { createFirewalld, firewalldSubject, setUpFirewalld } from "./firewalld/subject.js";
import { enableUfw } from "./ufw/subject.js";

const PORT = 60_001;

interface Case {
	readonly name: string;
	readonly firewall: FirewallName;
	/** Run on the server by sh. */
	readonly script?: string;
	/** What it says: `open by guard: RULE`. */
	readonly says: RegExp;
}

/** Drops by default, lets the control port in. */
const IPTABLES = `
iptables-nft -A INPUT -i lo -j ACCEPT
iptables-nft -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables-nft -A INPUT -p udp --dport ${CONTROL_PORT} -j ACCEPT
iptables-nft -P INPUT DROP
`;

const nft = (text: string) => `nft -f - <<'END'\n${text}\nEND\n`;

const input = (rules: string, policy = "drop") => `
table inet filter {
	set allowed { type ipv4_addr; flags interval; elements = { 10.77.0.0/24 } }
	set strangers { type ipv4_addr; flags interval; elements = { 198.51.100.0/24 } }
	chain input {
		type filter hook input priority filter; policy ${policy};
		iif lo accept
		ct state established,related accept
		udp dport ${CONTROL_PORT} accept
		${rules}
	}
}
`;

const CASES: readonly Case[] = [
	{
		name: "nothing but a default drop",
		firewall: "nftables",
		script: nft(input("")),
		says: /^open by guard: inet filter, chain mosh_portguard: .*@mosh_portguard_4 accept/,
	},
	{
		name: "nothing but a default drop of iptables",
		firewall: "iptables",
		script: IPTABLES,
		says: /^open by guard: iptables filter: -A MOSH-PORTGUARD -d 10\.77\.0\.1\/32 -p udp .* -j ACCEPT/,
	},
	{
		name: "ufw limits the range",
		firewall: "ufw",
		script: "ufw limit 60000:61000/udp",
		says: /^(open by admin|unknown by admin): iptables filter: -A ufw-user-/,
	},
	{
		name: "firewalld",
		firewall: "firewalld",
		says: /^open by guard: zone public: rule priority="32000"/,
	},
];

const missing =
	(await labMissing("nft", "iptables-nft", "iptables-legacy", "ufw", ...firewalldSubject.tools)) ?? false;

describe("an open port is open by a rule", { skip: missing, concurrency: 1 }, () => {
	for (const { name, firewall: kind, script, says } of CASES) {
		test(`${kind}: ${name}`, async () => {
			await onHost(kind, async (lab, firewall) => {
				await lab.server.sh(script ?? "true");
				await firewall.repair();
				await firewall.apply({ open: [v4(PORT)], close: [] });
				const found = inWords(await explainIn(lab, firewall, v4(PORT)));
				assert.match(found, says);
				assert.equal(await lab.isOpen(SERVER4, PORT), true, found);
			});
		});
	}
});

describe("from one client", { skip: missing, concurrency: 1 }, () => {
	test("a block list, an allow list and their strangers", async () => {
		await onHost("nftables", async (lab, firewall) => {
			await lab.server.sh(nft(input(`ip saddr { 10.77.0.3, ${CLIENT4} } drop`)));
			await firewall.repair();
			await firewall.apply({ open: [v4(PORT)], close: [] });
			const from = async (address: string) => inWords(await explainIn(lab, firewall, v4(PORT), { address }));
			assert.match(
				await from(CLIENT4),
				/^closed by admin: .*ip saddr \{ 10\.77\.0\.2, 10\.77\.0\.3 \} drop$/,
			);
			assert.equal(await lab.isOpen(SERVER4, PORT), false);
			assert.match(await from("10.77.0.9"), /^open by guard: /);
			assert.match(inWords(await explainIn(lab, firewall, v4(PORT))), /^open by guard: /);
		});
	});

	test("a source outside of a set's that drops drops no client in it", async () => {
		await onHost("none", async (lab, firewall) => {
			await lab.server.sh(nft(input("ip saddr != @allowed drop", "accept")));
			assert.match(
				inWords(await explainIn(lab, firewall, v4(PORT), { address: CLIENT4 })),
				/^open by policy/,
			);
			assert.equal(await lab.isOpen(SERVER4, PORT), true);
			assert.equal((await explainIn(lab, firewall, v4(PORT), { address: "192.0.2.1" })).verdict, "closed");
		});
	});
});

test("no answer takes longer than asked for, and what was not read is unknown", {
	skip: missing,
}, async () => {
	await onHost("iptables", async (lab) => {
		await lab.server.sh(IPTABLES);
		const began = performance.now();
		const verifier = await readVerifier(lab, undefined, 1);
		const found = await verifier.explain(v4(PORT));
		assert.ok(performance.now() - began < 5000);
		assert.equal(found?.verdict, "unknown");
		assert.match(found?.rule ?? "", /timed out|was not run/);
	});
});

test("what stands outside of INPUT is an obstacle before the port is opened, what drops there is none", {
	skip: missing,
}, async () => {
	await onHost("iptables", async (lab, firewall) => {
		await lab.server.sh(IPTABLES);
		assert.deepEqual((await readVerifier(lab, firewall)).obstacles(v4(PORT)), []);
		await lab.server.sh("iptables-nft -P OUTPUT DROP");
		assert.deepEqual((await readVerifier(lab, firewall)).obstacles(v4(PORT)).map(inWords), [
			"closed answer by policy: iptables filter, chain OUTPUT: policy drop",
		]);
	});
});

function inWords({ verdict, by, rule, direction, diverted }: Explanation): string {
	return `${[verdict, direction, diverted && "diverted"].filter(Boolean).join(" ")} by ${by}: ${rule}`;
}

async function onHost(
	kind: FirewallName,
	use: (lab: Lab, firewall: Firewall) => Promise<void>,
): Promise<void> {
	const lab = await startLab();
	let firewall: Firewall | undefined;
	try {
		if (kind === "ufw") {
			await enableUfw(lab);
		}
		if (kind === "firewalld") {
			await setUpFirewalld(lab);
		}
		firewall = create(kind, lab);
		await use(lab, firewall);
	} finally {
		if (kind === "firewalld" && firewall !== undefined) {
			await firewalldSubject.dispose?.(firewall);
		}
		await lab.stop();
	}
}

function create(kind: FirewallName, lab: Lab): Firewall {
	const { commands } = lab.server;
	switch (kind) {
		case "ufw":
			return createUfw(commands);
		case "iptables":
			return createIptables(commands, { variant: "nft" });
		case "nftables":
			return new Nftables(commands, {});
		case "firewalld":
			return createFirewalld(lab);
		case "none":
			return new NoFirewall();
	}
}
