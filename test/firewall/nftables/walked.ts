/** Rules of nftables as values, walked as openings are placed: which of them decides for a datagram, and how. */

import type { Opening } from "../../../src/firewall/firewall.js";
import { toListed } from "../../../src/firewall/nftables/insertion-point.js";
import type { NftChain, NftRule, NftTable } from "../../../src/firewall/nftables/ruleset.js";
import type { Lookup } from "../../../src/firewall/path/nft-match.js";
import { nftBaseChains } from "../../../src/firewall/path/nft-rules.js";
import { ANY_ADDRESS, firstDatagram, type Packet } from "../../../src/firewall/path/packet.js";
import type { BaseChain } from "../../../src/firewall/path/rules.js";
import { isShut } from "../../../src/firewall/path/rules.js";
import { walk } from "../../../src/firewall/path/walk.js";
import { isWildcard } from "../../../src/system/addresses.js";

export interface Outcome {
	readonly do: string;
	readonly target?: string;
}

/** To `opening`, or to whatever is open, by an interface that no rule names. */
function datagramTo(opening: Opening | undefined): Packet {
	const { family, port } = opening ?? { family: "ipv4", port: undefined };
	const ports = port === undefined ? { first: 1, last: 65_535 } : { first: port, last: port };
	const local = opening === undefined || isWildcard(opening) ? ANY_ADDRESS : opening.address;
	return firstDatagram(family, local, ports, "");
}

function baseChainsOf(table: NftTable): BaseChain[] {
	const lookup: Lookup = {
		elements: () => undefined,
		has: (set, key) =>
			table.sets
				.get(set)
				?.elements.some((element) => element.key.every((part, index) => String(part) === key[index])),
	};
	return nftBaseChains([toListed(table)], { lookupIn: () => lookup, isOurs: () => false });
}

/** Undefined for a rule that does not certainly apply, or decides nothing. */
export function effectFor(rule: NftRule, table: NftTable, opening?: Opening): Outcome | undefined {
	const input = { name: "input", hook: "input", type: "filter", policy: "drop", rules: [rule] };
	const [base] = baseChainsOf({ ...table, chains: new Map([["input", input]]) });
	const [walked] = base?.chain.rules ?? [];
	if (walked?.holds(datagramTo(opening)) !== true) {
		return undefined;
	}
	const { effect } = walked;
	switch (effect.kind) {
		case "verdict":
			return { do: isShut(effect) ? "drop" : effect.verdict };
		case "return":
			return { do: effect.kind };
		case "jump":
		case "goto":
			return { do: effect.kind, target: effect.chain };
		default:
			return undefined;
	}
}

/** The chain of the rule that decides, and what it does. */
export function decisionFor(table: NftTable, base: NftChain, opening: Opening): string | undefined {
	const walked = baseChainsOf(table).filter(({ chain }) => chain.name === base.name);
	const decision = walk(walked, datagramTo(opening)).decisions.at(-1);
	return decision?.rule && `${decision.chain} ${isShut(decision) ? "drop" : decision.verdict}`;
}
