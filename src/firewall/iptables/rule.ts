/** Builds and recognises our iptables rules: the same builder serves to add, delete and compare. Pure. */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, isWildcard, wildcardOf } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";
import { TAG } from "../opening.js";
import { commentOf, type Rule, wordAfter } from "./save.js";

export const CHAIN = "MOSH-PORTGUARD";

const HOST_PREFIX: Record<Family, string> = { ipv4: "/32", ipv6: "/128" };

/** In the order and spelling of iptables-save, so that a listed rule can be compared word by word. */
export function acceptRule(opening: Opening): string[] {
	const destination = isWildcard(opening) ? [] : ["-d", `${opening.address}${HOST_PREFIX[opening.family]}`];
	return [
		...destination,
		...["-p", "udp", "-m", "udp", "--dport", String(opening.port)],
		...["-m", "comment", "--comment", TAG, "-j", "ACCEPT"],
	];
}

export const JUMP_RULE: readonly string[] = ["-p", "udp", "-m", "comment", "--comment", TAG, "-j", CHAIN];

/** The opening a rule represents, or undefined unless the rule is exactly what `acceptRule` builds. */
export function readAcceptRule(rule: Rule, family: Family): Opening | undefined {
	const destination = wordAfter(rule, "-d")?.replace(/\/.*$/, "") ?? wildcardOf(family);
	const opening = { family, address: destination, port: Number(wordAfter(rule, "--dport")) };
	const plain = canonicalAddress(family, destination) === destination;
	return plain && sameWords(rule.words, acceptRule(opening)) ? opening : undefined;
}

export function isJump(rule: Rule): boolean {
	return sameWords(rule.words, JUMP_RULE);
}

/** Whether a rule is managed, even if malformed: it has our tag or refers to our chain. */
export function isManaged(rule: Rule): boolean {
	return commentOf(rule) === TAG || rule.words.includes(CHAIN);
}

function sameWords(left: readonly string[], right: readonly string[]): boolean {
	return left.length === right.length && left.every((word, index) => word === right[index]);
}
