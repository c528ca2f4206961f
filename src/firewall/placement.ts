/**
 * Finds where an opening belongs in the rules of a base chain: before the first rule at which a datagram from nowhere in
 * particular is dropped, and behind every deny that names a port, an address, a set or another interface. Each candidate is
 * tried by walking the rules with an accept in it. Pure.
 */

import { FAMILIES, type Family } from "../system/addresses.js";
import { ANY_ADDRESS, type Packet } from "./path/packet.js";
import { type BaseChain, type Chain, isShut, type Rule } from "./path/rules.js";
import { type Decision, walk } from "./path/walk.js";

/** `index` counts the rules of the chain that are not ours, from 0; at the end it is their number. */
export interface Place {
	readonly chain: string;
	readonly index: number;
}

/** Of each family, those that new sessions come in by. Without any: one that no rule names. */
export type Interfaces = Partial<Record<Family, readonly string[]>>;

export type ReadInterfaces = () => Promise<Interfaces>;

export interface PlacementOptions {
	readonly interfaces?: Interfaces | undefined;
	/** Whether a rule without a verdict logs: it then belongs to the drop behind it. */
	readonly isLog: (rule: Rule) => boolean;
	/** Names of all base chains of the table. */
	readonly baseChains: readonly string[];
}

export type Placement =
	| { readonly kind: "place"; readonly place: Place }
	/** New datagrams are not dropped by default. */
	| { readonly kind: "not-needed" }
	| { readonly kind: "none"; readonly reason: string };

const UNNAMED_INTERFACE = "";
const EVERY_PORT = { first: 1, last: 65_535 };

/** @param quiet within every rate that rules set: what is dropped then is dropped always */
function datagram(family: Family, by: string, quiet: boolean): Packet {
	return {
		family,
		direction: "in",
		interface: by,
		local: ANY_ADDRESS,
		localPorts: EVERY_PORT,
		remote: ANY_ADDRESS,
		remotePorts: EVERY_PORT,
		state: "new",
		...(quiet ? { quiet } : {}),
	};
}

export function findPlace(base: BaseChain, options: PlacementOptions): Placement {
	const foreign = withoutOurs(base);
	const dropped = droppedIn(foreign, options);
	if (dropped.length === 0) {
		return { kind: "not-needed" };
	}
	const others = otherwiseReached(foreign, options.baseChains);
	let reason: string | undefined;
	for (const { drop, packet } of dropped) {
		for (const candidate of candidatesFor(foreign, drop, packet, options)) {
			const place = beforeLogs(foreign, candidate, packet, options);
			const objection = others.has(place.chain)
				? `datagrams that are forwarded or sent pass chain ${place.chain} too`
				: objectionTo(place, foreign, dropped);
			if (objection === undefined) {
				return { kind: "place", place };
			}
			reason ??= objection;
		}
	}
	return {
		kind: "none",
		reason: reason ?? "no rule that is reached by every new datagram stands before the drop",
	};
}

interface Dropped {
	readonly packet: Packet;
	/** The first drop that spares no datagram. */
	readonly drop: Decision;
	readonly decisions: readonly Decision[];
}

/** For each interface of each family that is dropped by default: by what, and what decided before. */
function droppedIn(base: BaseChain, { interfaces }: Pick<PlacementOptions, "interfaces">): Dropped[] {
	return FAMILIES.filter((family) => base.families.includes(family)).flatMap((family) => {
		const names = interfaces?.[family] ?? [];
		return (names.length === 0 ? [UNNAMED_INTERFACE] : names).flatMap((name) => {
			// Where only what goes beyond a rate is dropped, that is the default.
			const found = [true, false].map((quiet) => firstDrop(base, datagram(family, name, quiet)));
			return found[1] === undefined ? [] : [found[0] ?? found[1]];
		});
	});
}

function firstDrop(base: BaseChain, packet: Packet): Dropped | undefined {
	const decisions = decisionsOf(base, packet);
	// A walk ends with what is certain.
	const last = decisions.at(-1);
	return last !== undefined && isShut(last) && last.condition === "certain"
		? { packet, drop: last, decisions }
		: undefined;
}

function decisionsOf(base: BaseChain, packet: Packet): readonly Decision[] {
	return walk([base], packet).passages[0]?.decisions ?? [];
}

/** The place where it is decided, then the jumps that lead there, from the inside out. */
function candidatesFor(base: BaseChain, drop: Decision, packet: Packet, options: PlacementOptions): Place[] {
	const inner = { chain: drop.chain, index: drop.index };
	const jumps = drop.by.map(({ chain, index }) => ({ chain, index })).reverse();
	if (drop.rule === undefined) {
		const ways = endsOfGotos(base, base.chain, packet, new Set());
		return [inner, ...ways, ...firstReturn(base.chain, packet)];
	}
	// A chain that only logs and drops is a drop in more words.
	const chain = base.chains.get(drop.chain);
	const isPlainDrop =
		jumps.length > 0 &&
		chain !== undefined &&
		chain.rules.every(
			(rule) =>
				options.isLog(rule) ||
				(rule.effect.kind === "verdict" && rule.effect.verdict !== "accept" && rule.holds(packet) === true),
		);
	return isPlainDrop ? [...jumps, inner] : [inner, ...jumps];
}

/** Behind a goto the walk comes to the policy from the end of the chain that it leads to. */
function endsOfGotos(base: BaseChain, chain: Chain, packet: Packet, seen: Set<string>): Place[] {
	const goto = chain.rules.find(({ effect, holds }) => effect.kind === "goto" && holds(packet) === true);
	const target = goto?.effect.kind === "goto" ? base.chains.get(goto.effect.chain) : undefined;
	if (target === undefined || seen.has(target.name)) {
		return [];
	}
	seen.add(target.name);
	return [
		{ chain: target.name, index: target.rules.length },
		...firstReturn(target, packet),
		...endsOfGotos(base, target, packet, seen),
	];
}

/** A base chain that datagrams leave before its end is left to the policy. */
function firstReturn({ name, rules }: Chain, packet: Packet): Place[] {
	const index = rules.findIndex(({ effect, holds }) => effect.kind === "return" && holds(packet) !== false);
	return index < 0 ? [] : [{ chain: name, index }];
}

function beforeLogs(base: BaseChain, place: Place, packet: Packet, { isLog }: PlacementOptions): Place {
	const rules = base.chains.get(place.chain)?.rules ?? [];
	let index = place.index;
	if (index === rules.length) {
		return place;
	}
	for (; index > 0; index -= 1) {
		const before = rules[index - 1];
		const holds = before?.holds(packet);
		if (before === undefined || !isLog(before) || holds === false || holds === "specific") {
			break;
		}
	}
	return { ...place, index };
}

/** Why an accept must not stand there; undefined where it may. */
function objectionTo(place: Place, base: BaseChain, dropped: readonly Dropped[]): string | undefined {
	const opened = withAccept(base, place);
	for (const { packet, decisions } of dropped) {
		const now = decisionsOf(opened, packet);
		const still = now.at(-1);
		if (still?.rule?.ours !== true || still.condition !== "certain") {
			const rule = still?.rule?.text ?? `policy ${base.policy}`;
			return `not every datagram would come to it (\`${rule}\` of chain ${still?.chain ?? base.chain.name} drops)`;
		}
		const wayOf = namer();
		const kept = new Set(now.filter(isShut).map(wayOf));
		const overruled = decisions.find(
			(decision) => isShut(decision) && decision.condition !== "certain" && !kept.has(wayOf(decision)),
		);
		if (overruled !== undefined) {
			return `an accept before it would overrule \`${overruled.rule?.text}\` of chain ${overruled.chain}`;
		}
	}
	return undefined;
}

/** Names a decision by its rule and the jumps to it, wherever they now stand. */
function namer(): (decision: Decision) => string {
	const numbers = new Map<Rule | undefined, number>();
	const numberOf = (rule: Rule | undefined) => {
		const number = numbers.get(rule) ?? numbers.size;
		numbers.set(rule, number);
		return number;
	};
	return ({ by, rule }) => [...by.map((step) => step.rule), rule].map(numberOf).join();
}

const ACCEPT: Rule = {
	text: "the opening",
	ours: true,
	holds: () => true,
	effect: { kind: "verdict", verdict: "accept" },
};

function withAccept(base: BaseChain, { chain, index }: Place): BaseChain {
	return changed(base, (rules, name) =>
		name === chain ? [...rules.slice(0, index), ACCEPT, ...rules.slice(index)] : rules,
	);
}

function withoutOurs(base: BaseChain): BaseChain {
	return changed(base, (rules) => rules.filter(({ ours }) => !ours));
}

function changed(
	base: BaseChain,
	change: (rules: readonly Rule[], chain: string) => readonly Rule[],
): BaseChain {
	const chains = new Map(
		[...base.chains].map(([name, chain]) => [name, { name, rules: change(chain.rules, name) }] as const),
	);
	return { ...base, chains, chain: chains.get(base.chain.name) ?? base.chain };
}

/** Chains that other base chains of the table lead to. */
function otherwiseReached({ chain, chains }: BaseChain, entries: readonly string[]): Set<string> {
	const reached = new Set<string>();
	const follow = (name: string) => {
		if (reached.has(name)) {
			return;
		}
		reached.add(name);
		for (const rule of chains.get(name)?.rules ?? []) {
			for (const target of targetsOf(rule)) {
				follow(target);
			}
		}
	};
	for (const entry of entries) {
		if (entry !== chain.name) {
			follow(entry);
		}
	}
	return reached;
}

function targetsOf({ effect }: Rule): string[] {
	if (effect.kind === "jump" || effect.kind === "goto") {
		return [effect.chain];
	}
	if (effect.kind !== "map") {
		return [];
	}
	return effect.branches.flatMap((branch) =>
		branch.effect.kind === "jump" || branch.effect.kind === "goto" ? [branch.effect.chain] : [],
	);
}
