/** Rules of routing that refuse what this host sends (ip-rule(8)): an answer that no filter drops may end at one. Pure. */

import type { LocalAddress } from "../../system/addresses.js";
import type { Ports } from "./packet.js";
import { addressIn, portsBetween, prefixOf } from "./values.js";

const REFUSES = /\b(?:prohibit|blackhole|unreachable)$/;

/** Behind it nothing is refused that has a route, and a host with sessions has one. */
const MAIN = /^from all lookup main$/;

/** Of `ip rule show`, those that refuse before the main table is asked, without their number and in its order. */
export function refusingRules(rules: string): string[] {
	const lines = rules.split("\n").map((line) => line.replace(/^\d+:\s+/, "").trim());
	const main = lines.findIndex((line) => MAIN.test(line));
	return lines.slice(0, main < 0 ? lines.length : main).filter((line) => REFUSES.test(line));
}

/** The first that an answer may meet, from a port of this address to a client that no rule names. */
export function refusalOf(rules: readonly string[], local: LocalAddress, ports: Ports): string | undefined {
	return rules.find(
		(rule) => rule.startsWith("not ") || !SPARES.some((spares) => spares(rule, local, ports)),
	);
}

type Spares = (rule: string, local: LocalAddress, ports: Ports) => boolean;

/** Conditions that such an answer does not meet. It may meet any other, such as a user's. */
const SPARES: readonly Spares[] = [
	// To a network, by a mark, to the client's port.
	(rule) => /\b(to|fwmark|dport|oif|tos|dsfield)\b/.test(rule),
	(rule, { address }) => {
		const prefix = prefixOf(wordAfter(rule, "from") ?? "");
		return prefix !== undefined && addressIn(address, prefix) === false;
	},
	// Of what is forwarded.
	(rule) => ![undefined, "lo"].includes(wordAfter(rule, "iif")),
	(rule) => ![undefined, "udp"].includes(wordAfter(rule, "ipproto")),
	(rule, _, ports) => {
		const [first = 0, last = first] = (wordAfter(rule, "sport") ?? "0").split("-").map(Number);
		return first > 0 && portsBetween(ports, first, last) === false;
	},
];

function wordAfter(rule: string, key: string): string | undefined {
	return new RegExp(`\\b${key} (\\S+)`).exec(rule)?.[1];
}
