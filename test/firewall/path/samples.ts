/** Packets and rules for tests of the walk. */

import type { Ipsets } from "../../../src/firewall/path/iptables-match.js";
import { iptablesBaseChains, parseSaved } from "../../../src/firewall/path/iptables-rules.js";
import { parseListing } from "../../../src/firewall/path/nft-listing.js";
import type { Lookup } from "../../../src/firewall/path/nft-match.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { nftBaseChains } from "../../../src/firewall/path/nft-rules.js";
import { firstDatagram, type Packet } from "../../../src/firewall/path/packet.js";
import type { BaseChain } from "../../../src/firewall/path/rules.js";

/** To 10.77.0.1:60001 by eth0. */
export function packet(changes: Partial<Packet> = {}): Packet {
	return { ...firstDatagram("ipv4", "10.77.0.1", { first: 60_001, last: 60_001 }, "eth0"), ...changes };
}

export const RANGE = { first: 60_000, last: 61_000 };

export const packet6 = (changes: Partial<Packet> = {}): Packet =>
	packet({ family: "ipv6", local: "fd77::1", ...changes });

export const NO_SETS: Lookup = { elements: () => undefined, has: () => undefined };
export const NO_IPSETS: Ipsets = { typeOf: () => undefined, has: () => undefined };

/** Of iptables-save's lines of one table. */
export function saved(...lines: string[]): BaseChain[] {
	return iptablesBaseChains(parseSaved(lines.join("\n")), "ipv4", "iptables", NO_IPSETS, () => false);
}

/** Of nft's JSON: items of a ruleset in one inet table `t`. */
export function listed(...items: object[]): BaseChain[] {
	const nftables = [{ table: { family: "inet", name: "t", handle: 1 } }, ...items];
	const tables = parseListing(JSON.stringify({ nftables }), parsePlain(""));
	return nftBaseChains(tables, { lookupIn: () => NO_SETS, isOurs: () => false });
}

export function chain(name: string, hook?: object): object {
	return { chain: { family: "inet", table: "t", name, handle: 1, ...hook } };
}

export const INPUT = { type: "filter", hook: "input", prio: 0, policy: "drop" };

let handle = 10;

export function rule(chainName: string, ...expr: object[]): object {
	handle += 1;
	return { rule: { family: "inet", table: "t", chain: chainName, handle, expr } };
}

export function match(left: object, right: unknown, op = "=="): object {
	return { match: { op, left, right } };
}

export const DPORT = { payload: { protocol: "udp", field: "dport" } };
export const SADDR = { payload: { protocol: "ip", field: "saddr" } };
export const meta = (key: string) => ({ meta: { key } });
export const ct = (key: string) => ({ ct: { key } });
