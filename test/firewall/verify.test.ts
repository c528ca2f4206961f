/**
 * What the product says of a port is what becomes of a datagram to it: set-ups in which the chain that openings are made in
 * is not the only one that decides. Each is tried on a host, and from another one.
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
import { createFirewalld, firewalldSubject, labFirewalld, setUpFirewalld } from "./firewalld/subject.js";
import { enableUfw } from "./ufw/subject.js";

const PORT = 60_001;

interface Case {
	readonly name: string;
	readonly firewall: FirewallName;
	/** Run on the server by sh. */
	readonly script?: string;
	/** Arguments of firewall-cmd, one call each. */
	readonly cmd?: readonly string[];
	/** Done after the port was opened. */
	readonly later?: { readonly script?: string; readonly cmd?: readonly string[] };
	/** `yes`, `no`: whether the client is answered, and the product must say so. */
	readonly open: "yes" | "no";
	/** The product may say that it does not know. */
	readonly unknown?: true;
	/** What it says: `closed by admin: RULE`, with `answer` and `diverted` behind `closed`. */
	readonly says: RegExp;
	/** Not even the control port is answered. */
	readonly nothing?: true;
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
		open: "yes",
		says: /^open by guard: inet filter, chain mosh_portguard: .*@mosh_portguard_4 accept/,
	},
	{
		name: "nothing but a default drop of iptables",
		firewall: "iptables",
		script: IPTABLES,
		open: "yes",
		says: /^open by guard: iptables filter: -A MOSH-PORTGUARD -d 10\.77\.0\.1\/32 -p udp .* -j ACCEPT/,
	},
	{
		name: "OUTPUT drops by default",
		firewall: "iptables",
		script: `${IPTABLES}
			iptables-nft -A OUTPUT -p udp --sport ${CONTROL_PORT} -j ACCEPT
			iptables-nft -P OUTPUT DROP`,
		open: "no",
		says: /^closed answer by policy: iptables filter, chain OUTPUT: policy drop$/,
	},
	{
		name: "OUTPUT drops by a last rule",
		firewall: "iptables",
		script: `${IPTABLES}
			iptables-nft -A OUTPUT -p udp --sport ${CONTROL_PORT} -j ACCEPT
			iptables-nft -A OUTPUT -p udp ! --dport 53 -j DROP`,
		open: "no",
		says: /^closed answer by policy: iptables filter: -A OUTPUT -p udp -m udp ! --dport 53 -j DROP$/,
	},
	{
		name: "OUTPUT drops by default and lets answers pass",
		firewall: "iptables",
		script: `${IPTABLES}
			iptables-nft -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
			iptables-nft -P OUTPUT DROP`,
		open: "yes",
		says: /^open by guard: /,
	},
	{
		name: "OUTPUT lets answers pass, of which connection tracking knows nothing",
		firewall: "iptables",
		script: `${IPTABLES}
			iptables-nft -t raw -A PREROUTING -p udp --dport 60000:61000 -j NOTRACK
			iptables-nft -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
			iptables-nft -P OUTPUT DROP`,
		open: "no",
		says: /^closed answer by policy: iptables filter, chain OUTPUT: policy drop$/,
	},
	{
		name: "the range goes to a container",
		firewall: "iptables",
		script: `${IPTABLES}
			iptables-nft -t nat -A PREROUTING -i eth0 -p udp --dport 60001:60999 -j DNAT --to-destination 172.31.0.2`,
		open: "no",
		says: /^closed diverted by admin: iptables nat: -A PREROUTING -i eth0 .* -j DNAT --to-destination 172\.31\.0\.2$/,
	},
	{
		name: "the range goes to another port",
		firewall: "nftables",
		script: nft(`${input("")}
			table ip mynat { chain pre { type nat hook prerouting priority dstnat; udp dport 60000-61000 redirect to :5000; }
}`),
		open: "no",
		says: /^closed diverted by admin: ip mynat, chain pre: udp dport 60000-61000 redirect to :5000$/,
	},
	{
		name: "raw PREROUTING drops",
		firewall: "iptables",
		script: `${IPTABLES}
			iptables-nft -t raw -A PREROUTING -i eth0 -p udp -m multiport --dports 1024:65535 -j DROP`,
		open: "no",
		says: /^closed by admin: iptables raw: -A PREROUTING -i eth0 -p udp -m multiport --dports 1024:65535 -j DROP$/,
	},
	{
		name: "mangle INPUT drops",
		firewall: "iptables",
		script: `${IPTABLES}
			iptables-nft -t mangle -A INPUT -p udp --dport 60000:61000 -m length --length 0:65535 -j DROP`,
		open: "no",
		unknown: true,
		says: /^(closed|unknown) by admin: iptables mangle: -A INPUT .* -j DROP$/,
	},
	{
		name: "a chain at hook prerouting drops, and nothing by default",
		firewall: "none",
		script: nft(
			"table inet early { chain pre { type filter hook prerouting priority -150; udp dport 60000-61000 drop; }\n}",
		),
		open: "no",
		says: /^closed by admin: inet early, chain pre: udp dport 60000-61000 drop$/,
	},
	{
		name: "netdev ingress drops",
		firewall: "nftables",
		script: nft(`${input("")}
			table netdev early { chain ingress {
				type filter hook ingress device "eth0" priority -500; policy accept;
				udp dport 1024-65535 drop
			}
			}`),
		open: "no",
		says: /^closed by admin: netdev early, chain ingress: udp dport 1024-65535 drop$/,
	},
	{
		name: "all ports but some drop",
		firewall: "none",
		script: nft(input(`udp dport != { 53, 123, ${CONTROL_PORT} } drop`, "accept")),
		open: "no",
		says: /^closed by admin: inet filter, chain input: udp dport != \{ 7, 53, 123 \} drop$/,
	},
	{
		name: "all ports but one drop, in iptables",
		firewall: "none",
		script: `iptables-nft -A INPUT -p udp ! --dport ${CONTROL_PORT} -j REJECT`,
		open: "no",
		says: /^closed by admin: iptables filter: -A INPUT -p udp -m udp ! --dport 7 -j REJECT/,
	},
	{
		name: "a source outside of a set's drops",
		firewall: "none",
		script: nft(input("ip saddr != @strangers drop", "accept")),
		open: "no",
		says: /^closed by policy: inet filter, chain input: ip saddr != @strangers drop$/,
	},
	{
		name: "another base chain drops by default",
		firewall: "iptables",
		script: IPTABLES,
		later: {
			script: nft(
				`table inet extra { chain input { type filter hook input priority 10; policy drop; iif lo accept; udp dport ${CONTROL_PORT} accept; }
}`,
			),
		},
		open: "no",
		says: /^closed by policy: inet extra, chain input: policy drop$/,
	},
	{
		name: "a dormant table drops by default",
		firewall: "iptables",
		script: `${IPTABLES}${nft("table inet extra { flags dormant; chain input { type filter hook input priority 10; policy drop; }\n}")}`,
		open: "yes",
		says: /^open by guard: /,
	},
	{
		name: "the administrator denies the port by number",
		firewall: "iptables",
		script: IPTABLES,
		later: { script: `iptables-nft -I INPUT 1 -p udp --dport ${PORT} -j DROP` },
		open: "no",
		says: /^closed by admin: iptables filter: -A INPUT -p udp -m udp --dport 60001 -j DROP$/,
	},
	{
		name: "a rate that is never exceeded drops",
		firewall: "iptables",
		script: IPTABLES,
		later: {
			script: `iptables-nft -I INPUT 1 -p udp --dport ${PORT} -m limit --limit 1/hour --limit-burst 1 -j DROP`,
		},
		open: "yes",
		unknown: true,
		says: /^unknown by admin: iptables filter: -A INPUT .* -m limit --limit 1\/hour --limit-burst 1 -j DROP$/,
	},
	{
		name: "ufw, and a route that is none of ufw's",
		firewall: "ufw",
		later: { script: "iptables-nft -t mangle -A PREROUTING -p udp --dport 60000:61000 -j DROP" },
		open: "no",
		says: /^closed by admin: iptables mangle: -A PREROUTING -p udp -m udp --dport 60000:61000 -j DROP$/,
	},
	{
		name: "ufw limits the range",
		firewall: "ufw",
		script: "ufw limit 60000:61000/udp",
		open: "yes",
		unknown: true,
		says: /^(open by admin|unknown by admin): iptables filter: -A ufw-user-/,
	},
	{
		name: "firewalld",
		firewall: "firewalld",
		open: "yes",
		says: /^open by guard: zone public: rule priority="32000"/,
	},
	{
		name: "firewalld's policy for all that comes in drops",
		firewall: "firewalld",
		cmd: [
			"-q --permanent --new-policy=lockhost",
			"-q --permanent --policy=lockhost --add-ingress-zone=ANY",
			"-q --permanent --policy=lockhost --add-egress-zone=HOST",
			"-q --permanent --policy=lockhost --set-priority=-1",
			`-q --permanent --policy=lockhost --add-port=${CONTROL_PORT}/udp`,
			"-q --permanent --policy=lockhost --set-target=DROP",
			"-q --reload",
		],
		open: "no",
		says: /^closed by admin: inet firewalld, chain filter_IN_policy_lockhost: .*drop$/,
	},
	{
		name: "firewalld's policy drops a protocol",
		firewall: "firewalld",
		cmd: [
			"-q --permanent --new-policy=noudp",
			"-q --permanent --policy=noudp --add-ingress-zone=ANY",
			"-q --permanent --policy=noudp --add-egress-zone=HOST",
			`-q --permanent --policy=noudp --add-rich-rule='rule priority="-9" port port="${CONTROL_PORT}" protocol="udp" accept'`,
			`-q --permanent --policy=noudp --add-rich-rule='rule priority="-5" protocol value="udp" drop'`,
			"-q --reload",
		],
		open: "no",
		says: /^closed by admin: inet firewalld, chain filter_IN_policy_noudp_pre: .*drop$/,
	},
	{
		name: "firewalld's catch-all behind ours",
		firewall: "firewalld",
		cmd: [
			`-q --permanent --add-rich-rule='rule priority="32767" port port="60000-61000" protocol="udp" drop'`,
			"-q --reload",
		],
		open: "yes",
		says: /^open by guard: /,
	},
	{
		name: "firewalld's zone drops a protocol",
		firewall: "firewalld",
		cmd: [
			`-q --permanent --add-rich-rule='rule priority="-9" port port="${CONTROL_PORT}" protocol="udp" accept'`,
			`-q --permanent --add-rich-rule='rule priority="-5" protocol value="udp" drop'`,
			"-q --reload",
		],
		open: "no",
		says: /^closed by (admin|policy): inet firewalld, chain filter_IN_public_pre: .*drop$/,
	},
	{
		name: "firewalld in panic",
		firewall: "firewalld",
		later: { cmd: ["-q --panic-on"] },
		open: "no",
		says: /^closed by admin: \S+ firewalld\S*, chain \S+: policy drop$/,
		nothing: true,
	},
	{
		name: "firewalld's direct rule",
		firewall: "firewalld",
		cmd: [
			"-q --permanent --direct --add-rule ipv4 filter INPUT 0 -p udp -m udp --dport 60000:61000 -j DROP",
			"-q --reload",
		],
		open: "no",
		says: /^closed by admin: iptables filter: -A INPUT -p udp -m udp --dport 60000:61000 -j DROP$/,
	},
	{
		name: "firewalld forwards the port",
		firewall: "firewalld",
		cmd: [`-q --permanent --add-forward-port=port=${PORT}:proto=udp:toport=5000`, "-q --reload"],
		open: "no",
		says: /^closed diverted by admin: inet firewalld, chain nat_PRE_public_allow: .*redirect to :5000$/,
	},
];

const missing =
	(await labMissing("nft", "iptables-nft", "iptables-legacy", "ufw", ...firewalldSubject.tools)) ?? false;

describe("the word on a port is what the client meets", { skip: missing, concurrency: 1 }, () => {
	for (const { name, firewall: kind, script, cmd, later, open, unknown, says, nothing } of CASES) {
		test(`${kind}: ${name}`, async () => {
			await onHost(kind, async (lab, firewall) => {
				await change(lab, { script, cmd });
				await firewall.repair();
				await firewall.apply({ open: [v4(PORT)], close: [] });
				await change(lab, later);
				const found = await explainIn(lab, firewall, v4(PORT));
				assert.match(inWords(found), says);
				assert.equal(await isAnswered(lab, nothing), open === "yes", `${inWords(found)}`);
				const expected = open === "yes" ? "open" : "closed";
				assert.ok(found.verdict === expected || (unknown && found.verdict === "unknown"), inWords(found));
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
			assert.equal(await isAnswered(lab, true), false);
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

/** @param nothing the control port is not answered either: silence is all that there is to see */
function isAnswered(lab: Lab, nothing?: true): Promise<boolean> {
	if (!nothing) {
		return lab.isOpen(SERVER4, PORT);
	}
	return lab.server.agent.echo(SERVER4, PORT).then(() => lab.client.agent.flow(SERVER4, PORT));
}

async function change(
	lab: Lab,
	{ script, cmd }: { script?: string | undefined; cmd?: readonly string[] | undefined } = {},
): Promise<void> {
	if (script !== undefined) {
		await lab.server.sh(script);
	}
	if (cmd !== undefined) {
		await labFirewalld(lab).cmd(...cmd);
	}
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
