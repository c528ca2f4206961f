/**
 * Rules of routing (ip-rule(8)): an answer that no filter drops may end at one that refuses it, or have no route by the table that one
 * leads to, and a datagram for this host may be sent on by one that comes before the host's own addresses. Pure.
 */

import type { LocalAddress } from "../../system/addresses.js";
import { type Bits, isMark, NO_MARK } from "./marks.js";
import type { Ports } from "./packet.js";
import { addressIn, portsBetween, prefixOf } from "./values.js";

const REFUSES = /\b(?:prohibit|blackhole|unreachable)$/;

/** Behind it nothing is refused that has a route, and a host with sessions has one. */
const MAIN = /^from all lookup main$/;

/** Of `ip rule show`, without their number and in its order. */
export function rulesIn(listing: string): string[] {
	return listing
		.split("\n")
		.map((line) => line.replace(/^\d+:\s+/, "").trim())
		.filter((line) => line !== "");
}

/** Tables in which answers are looked for without any rule for it. */
const USUAL = / lookup (local|main|default)\b/;

/** The first that may refuse an answer from a port of this address to a client that no rule names. @param mark of the answer */
export function refusalOf(
	rules: readonly string[],
	local: LocalAddress,
	ports: Ports,
	mark: Bits = NO_MARK,
): string | undefined {
	return ofAnswers(rules, local, ports, mark).find((rule) => REFUSES.test(rule));
}

/** The first that may lead it to a table of its own. */
export function detourOf(
	rules: readonly string[],
	local: LocalAddress,
	ports: Ports,
	mark: Bits,
): string | undefined {
	return ofAnswers(rules, local, ports, mark).find((rule) => !REFUSES.test(rule) && !USUAL.test(rule));
}

/** Those that it may meet before the main table is asked. */
function ofAnswers(rules: readonly string[], local: LocalAddress, ports: Ports, mark: Bits): string[] {
	const main = rules.findIndex((line) => MAIN.test(line));
	return rules
		.slice(0, main < 0 ? rules.length : main)
		.filter((rule) => rule.startsWith("not ") || !SPARES.some((spares) => spares(rule, local, ports, mark)));
}

/** The first that a datagram to this address may meet before it is taken for the host's. @param mark of the datagram */
export function strayOf(
	rules: readonly string[],
	{ interface: by, ...local }: LocalAddress & { readonly interface: string },
	ports: Ports,
	mark: Bits,
): string | undefined {
	const own = rules.indexOf("from all lookup local");
	const isSpared = (rule: string) => {
		const to = prefixOf(wordAfter(rule, "to") ?? "");
		return (
			wordAfter(rule, "from") !== "all" ||
			![undefined, by].includes(wordAfter(rule, "iif")) ||
			/\boif\b|\[l3mdev/.test(rule) ||
			(to !== undefined && addressIn(local.address, to) === false) ||
			isOfOtherMark(rule, mark) ||
			![undefined, "udp"].includes(wordAfter(rule, "ipproto")) ||
			isOfOtherPort(rule, "dport", ports)
		);
	};
	return rules.slice(0, Math.max(own, 0)).find((rule) => rule.startsWith("not ") || !isSpared(rule));
}

function isOfOtherMark(rule: string, mark: Bits): boolean {
	const [value, mask] = (wordAfter(rule, "fwmark") ?? "").split("/").map(Number);
	return (
		value !== undefined && wordAfter(rule, "fwmark") !== undefined && isMark(mark, value, mask) === false
	);
}

function isOfOtherPort(rule: string, key: string, ports: Ports): boolean {
	const [first = 0, last = first] = (wordAfter(rule, key) ?? "0").split("-").map(Number);
	return first > 0 && portsBetween(ports, first, last) === false;
}

type Spares = (rule: string, local: LocalAddress, ports: Ports, mark: Bits) => boolean;

/** Conditions that such an answer does not meet. It may meet any other, such as a user's. */
const SPARES: readonly Spares[] = [
	// To a network, to the client's port.
	(rule) => /\b(to|dport|oif|tos|dsfield)\b/.test(rule),
	(rule, _local, _ports, mark) => isOfOtherMark(rule, mark),
	(rule, { address }) => {
		const prefix = prefixOf(wordAfter(rule, "from") ?? "");
		return prefix !== undefined && addressIn(address, prefix) === false;
	},
	// Of what is forwarded.
	(rule) => ![undefined, "lo"].includes(wordAfter(rule, "iif")),
	(rule) => ![undefined, "udp"].includes(wordAfter(rule, "ipproto")),
	(rule, _, ports) => isOfOtherPort(rule, "sport", ports),
];

function wordAfter(rule: string, key: string): string | undefined {
	return new RegExp(`\\b${key} (\\S+)`).exec(rule)?.[1];
}
