/** An admin's own default-deny nftables ruleset on the lab server, without and with a set declared for us. */

import { Nftables, type NftablesOptions } from "../../../src/firewall/nftables/nftables.js";
import { CONTROL_PORT, type Lab } from "../../lab/hosts.js";
import { ADMIN_DENIED, ADMIN_OPEN, type Subject } from "../conformance.js";

function ruleset(set: string, accept: string): string {
	return `flush ruleset
table inet admin {
	${set}
	chain input {
		type filter hook input priority filter; policy drop;
		iif lo accept
		ct state established,related accept
		meta l4proto ipv6-icmp accept
		udp dport ${ADMIN_DENIED} drop comment "the admin's"
		udp dport { ${CONTROL_PORT}, ${ADMIN_OPEN} } accept
		${accept}
		limit rate 3/minute log prefix "dropped: "
		counter drop
	}
}
`;
}

export function loadRuleset(lab: Lab, text: string): Promise<string> {
	return lab.server.sh(`nft -f - <<'END'\n${text}END\n`);
}

export async function listNft(lab: Lab): Promise<string> {
	return (await lab.server.sh("nft list ruleset")).replace(/counter packets \d+ bytes \d+/g, "counter");
}

function subject(
	name: string,
	text: string,
	options: NftablesOptions = {},
	more: Partial<Subject> = {},
): Subject {
	return {
		...more,
		name,
		tools: ["nft"],
		setUp: (lab) => loadRuleset(lab, text),
		create: (lab) => new Nftables(lab.server.commands, options),
		listing: listNft,
		disturbances: [
			{ name: "nft -f with a flush", run: (lab) => loadRuleset(lab, text) },
			{
				name: "a flush of everything and a later load",
				run: (lab) => lab.server.sh("nft flush ruleset"),
				undo: (lab) => loadRuleset(lab, text),
			},
			{
				name: "a rule of the admin's added at the end and our rules deleted",
				run: (lab) =>
					lab.server.sh(`
					nft add rule inet admin input udp dport 61000 accept
					nft list sets | grep -q mosh_portguard || exec nft flush set inet admin mosh_ports
					nft flush chain inet admin mosh_portguard
				`),
			},
		],
	};
}

export const nftablesSubject = subject("nftables", ruleset("", ""));

export const nftablesRangesSubject = subject(
	"nftables beside a set of ranges",
	ruleset("set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 } }", ""),
);

export const nftablesSetSubject = subject(
	"nftables with a set of the admin's",
	ruleset(
		"set mosh_ports { type inet_service; flags timeout; elements = { 60902 } }",
		"udp dport @mosh_ports accept",
	),
	{ set: "mosh_ports" },
	{ portOnly: true, configuration: '[nftables]\nset = "mosh_ports"\n' },
);
