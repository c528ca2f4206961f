/**
 * Follows a datagram through a host's rules, in the kernel's order: every base chain of every hook that it passes must let it
 * through. Pure. What cannot be known is followed both ways, and what may end either way is `unknown`.
 */

import type { Packet, State } from "./packet.js";
import {
	type BaseChain,
	type Chain,
	type Effect,
	HOOKS,
	type Hook,
	type Rule,
	type Verdict,
} from "./rules.js";

/** One way in which the walk through a base chain may end. */
export interface Decision {
	readonly verdict: Verdict;
	/** The datagram goes to another host or port. */
	readonly diverted: boolean;
	readonly base: BaseChain;
	/** The chain it was decided in; the base chain's own for a policy. */
	readonly chain: string;
	/** Undefined: the base chain's policy. */
	readonly rule: Rule | undefined;
	/** Its place in the chain: of the rule, or behind the last one. */
	readonly index: number;
	/**
	 * `certain`: whatever is not known of the datagram; `general`: depending on what says nothing about which datagram it is;
	 * `specific`: depending on a port, an address, a set or an interface that the rule names.
	 */
	readonly condition: Condition;
	/** The jumps that led to the chain, outermost first. */
	readonly by: readonly Step[];
}

/** A jump on the way. */
export interface Step {
	readonly chain: string;
	readonly index: number;
	readonly rule: Rule;
}

export type Condition = "certain" | "general" | "specific";

export interface Passage {
	readonly base: BaseChain;
	readonly verdict: Verdict;
	/** In the order of the rules; the last one is certain. */
	readonly decisions: readonly Decision[];
}

export interface Walk {
	/** `unknown` where it may end either way, or meets what is not understood. */
	readonly verdict: Verdict;
	/** What decided it: the shutting decision, the last accepting one, or each that may shut. */
	readonly decisions: readonly Decision[];
	/** Through each base chain, up to and including the one that ends it. */
	readonly passages: readonly Passage[];
}

const HOOKS_OF: Record<Packet["direction"], readonly Hook[]> = {
	in: ["ingress", "prerouting", "input"],
	out: ["output", "postrouting", "egress"],
};

/** @param rules every base chain of the host, in any order */
export function walk(rules: readonly BaseChain[], packet: Packet): Walk {
	const passages: Passage[] = [];
	const states = new Set<State>([packet.state]);
	for (const base of onTheWay(rules, packet)) {
		const passage = pass(base, packet, states);
		passages.push(passage);
		if (passage.verdict === "drop" || passage.verdict === "reject") {
			return { verdict: passage.verdict, decisions: passage.decisions.filter(isShutting), passages };
		}
	}
	const uncertain = passages.filter(({ verdict }) => verdict === "unknown");
	if (uncertain.length > 0) {
		const decisions = uncertain.flatMap((passage) =>
			passage.decisions.filter(({ verdict }) => verdict !== "accept"),
		);
		return { verdict: "unknown", decisions, passages };
	}
	return { verdict: "accept", decisions: passages.at(-1)?.decisions ?? [], passages };
}

function isShutting({ verdict }: Decision): boolean {
	return verdict === "drop" || verdict === "reject";
}

function onTheWay(rules: readonly BaseChain[], packet: Packet): BaseChain[] {
	const hooks = HOOKS_OF[packet.direction];
	return rules
		.filter(
			({ hook, families, devices, nat }) =>
				hooks.includes(hook) &&
				(!nat || packet.state === "new") &&
				families.includes(packet.family) &&
				(devices === undefined || devices.includes(packet.interface)),
		)
		.sort((a, b) => HOOKS.indexOf(a.hook) - HOOKS.indexOf(b.hook) || a.priority - b.priority);
}

/** Where connection tracking looks at a datagram (linux/netfilter_ipv4.h, NF_IP_PRI_CONNTRACK). */
const CONNTRACK_PRIORITY = -200;

/** @param states what connection tracking may say of it; a rule may add `untracked`, or leave nothing else */
function pass(base: BaseChain, packet: Packet, states: Set<State>): Passage {
	const early = base.hook === "ingress" || (base.hook !== "input" && base.priority < CONNTRACK_PRIORITY);
	const walker = new ChainWalk(base, packet, states, early);
	const decisions = walker.decisions();
	return { base, decisions, verdict: together(decisions) };
}

function together(decisions: readonly Decision[]): Verdict {
	const verdicts = new Set(decisions.map(({ verdict }) => verdict));
	if (verdicts.has("unknown")) return "unknown";
	if (!verdicts.has("accept")) return verdicts.has("reject") && !verdicts.has("drop") ? "reject" : "drop";
	return verdicts.size === 1 ? "accept" : "unknown";
}

/** How deep the kernel lets chains jump; beyond it the rules are not what the kernel has. */
const MAX_DEPTH = 16;

class ChainWalk {
	readonly #base: BaseChain;
	readonly #packet: Packet;
	readonly #states: Set<State>;
	/** Before connection tracking has looked at it. */
	readonly #early: boolean;
	readonly #found: Decision[] = [];

	constructor(base: BaseChain, packet: Packet, states: Set<State>, early: boolean) {
		this.#early = early;
		this.#base = base;
		this.#packet = packet;
		this.#states = states;
	}

	decisions(): Decision[] {
		const { chain, policy } = this.#base;
		if (this.#follow(chain, [], "certain") !== "ended") {
			this.#decide(policy, false, chain, undefined, chain.rules.length, "certain", []);
		}
		return this.#found;
	}

	/**
	 * `reached`: how certain it is that the datagram comes to this chain.
	 * `ended`: none comes back from it; `returns`: it may, or does.
	 */
	#follow(chain: Chain, by: readonly Step[], reached: Condition): "ended" | "returns" {
		let mayReturn = false;
		for (const [index, rule] of chain.rules.entries()) {
			const holds = this.#holds(rule.holds);
			if (holds === "no") continue;
			const outcome = this.#apply(rule.effect, chain, rule, index, weaker(reached, holds), by);
			if (outcome === "goes on") continue;
			if (outcome === "returns") {
				mayReturn = true;
				if (holds === "certain") return "returns";
				continue;
			}
			if (outcome === "ended" && holds === "certain") return mayReturn ? "returns" : "ended";
		}
		return "returns";
	}

	/** `goes on`: the next rule is reached; `returns`: the chain is left; `ended`: neither. */
	#apply(
		effect: Effect,
		chain: Chain,
		rule: Rule,
		index: number,
		condition: Condition,
		by: readonly Step[],
	): "goes on" | "returns" | "ended" {
		switch (effect.kind) {
			case "none":
				return "goes on";
			case "return":
				return "returns";
			case "untracks":
				if (condition === "certain") this.#states.clear();
				this.#states.add("untracked");
				return "goes on";
			case "verdict":
				this.#decide(effect.verdict, false, chain, rule, index, condition, by);
				return "ended";
			case "diverts":
				this.#decide("drop", true, chain, rule, index, condition, by);
				return "ended";
			case "unknown":
				this.#decide("unknown", false, chain, rule, index, condition, by);
				return "goes on";
			case "jump":
			case "goto": {
				const target = this.#base.chains.get(effect.chain);
				if (target === undefined || by.length >= MAX_DEPTH) {
					this.#decide("unknown", false, chain, rule, index, condition, by);
					return "goes on";
				}
				const way = [...by, { chain: chain.name, index, rule }];
				if (this.#follow(target, way, condition) === "ended") return "ended";
				return effect.kind === "jump" ? "goes on" : "returns";
			}
			case "map":
				return this.#branch(effect.branches, chain, rule, index, condition, by);
		}
	}

	#branch(
		branches: Extract<Effect, { kind: "map" }>["branches"],
		chain: Chain,
		rule: Rule,
		index: number,
		condition: Condition,
		by: readonly Step[],
	): "goes on" | "returns" | "ended" {
		let goesOn = false;
		let returns = false;
		for (const { holds, effect } of branches) {
			const truth = this.#holds(holds);
			if (truth === "no") continue;
			const outcome = this.#apply(effect, chain, rule, index, weaker(condition, truth), by);
			goesOn ||= outcome === "goes on";
			returns ||= outcome === "returns";
			if (truth === "certain") {
				if (goesOn) return "goes on";
				return returns ? "returns" : "ended";
			}
		}
		return "goes on";
	}

	#holds(test: Rule["holds"]): Condition | "no" {
		const truths = [...this.#states].map((state) =>
			test({ ...this.#packet, state: this.#early && state !== "untracked" ? "invalid" : state }),
		);
		if (truths.every((truth) => truth === true)) return "certain";
		if (truths.every((truth) => truth === false)) return "no";
		return truths.includes("specific") ? "specific" : "general";
	}

	#decide(
		verdict: Verdict,
		diverted: boolean,
		chain: Chain,
		rule: Rule | undefined,
		index: number,
		condition: Condition,
		by: readonly Step[],
	): void {
		this.#found.push({ verdict, diverted, base: this.#base, chain: chain.name, rule, index, condition, by });
	}
}

function weaker(a: Condition, b: Condition): Condition {
	if (a === "specific" || b === "specific") return "specific";
	return a === "general" || b === "general" ? "general" : "certain";
}
