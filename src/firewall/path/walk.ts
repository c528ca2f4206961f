/**
 * Follows a datagram through a host's rules, in the kernel's order: every base chain of every hook that it passes must let it
 * through. Pure. What cannot be known is followed both ways, and what may end either way is `unknown`.
 */

import { eitherMarks, type Marks, UNKNOWN_MARKS, unknownMarks } from "./marks.js";
import type { Packet, State } from "./packet.js";
import {
	type BaseChain,
	type Branch,
	type Chain,
	type Destination,
	type Effect,
	HOOKS,
	type Hook,
	isShut,
	type Rule,
	type Verdict,
} from "./rules.js";
import { addressIn, nameMatches, prefixOf } from "./values.js";

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
	/** In the order of the rules. */
	readonly decisions: readonly Decision[];
}

export interface Walk {
	/** `unknown` where it may end either way, or meets what is not understood. */
	readonly verdict: Verdict;
	/** What decided it: the shutting decision, the last accepting one, or each that may shut. */
	readonly decisions: readonly Decision[];
	/** Through each base chain, up to and including the one that ends it. */
	readonly passages: readonly Passage[];
	/** What connection tracking may say of it in the end: a rule may have told it not to look. */
	readonly states: readonly State[];
	/** What rules may have made of its marks in the end. */
	readonly marks: Marks;
	/** A rule may have had it tracked where its answer is not looked for: that is new then. */
	readonly rezoned: boolean;
}

const HOOKS_OF: Record<Packet["direction"], readonly Hook[]> = {
	in: ["ingress", "prerouting", "input"],
	out: ["output", "postrouting", "egress"],
};

/** @param rules every base chain of the host, in any order */
export function walk(rules: readonly BaseChain[], packet: Packet): Walk {
	const passages: Passage[] = [];
	const states = new Set<State>([packet.state]);
	const way = onTheWay(rules, packet);
	let marks = packet.marks ?? UNKNOWN_MARKS;
	let rezoned = false;
	for (const base of way) {
		if (base.nat && !states.has("new")) {
			continue;
		}
		const { passage, walked } = pass(base, { ...packet, marks }, states, way);
		passages.push(passage);
		marks = walked.left;
		rezoned ||= walked.rezoned;
		if (isShut(passage)) {
			return {
				verdict: passage.verdict,
				decisions: passage.decisions.filter(isShut),
				passages,
				states: [...states],
				marks,
				rezoned,
			};
		}
	}
	const uncertain = passages.filter(({ verdict }) => verdict === "unknown");
	const decisions =
		uncertain.length > 0
			? uncertain.flatMap((passage) => passage.decisions.filter(({ verdict }) => verdict !== "accept"))
			: (passages.at(-1)?.decisions ?? []);
	return {
		verdict: uncertain.length > 0 ? "unknown" : "accept",
		decisions,
		passages,
		states: [...states],
		marks,
		rezoned,
	};
}

function onTheWay(rules: readonly BaseChain[], packet: Packet): BaseChain[] {
	const hooks = HOOKS_OF[packet.direction];
	return (
		rules
			.filter(
				({ hook, families, devices }) =>
					hooks.includes(hook) &&
					families.includes(packet.family) &&
					(devices === undefined || devices.some((device) => nameMatches(device, packet.interface))),
			)
			// Of equal priority, the kernel passes the last registered first (nf_hook_entries_grow).
			.reverse()
			.sort((a, b) => HOOKS.indexOf(a.hook) - HOOKS.indexOf(b.hook) || a.priority - b.priority)
	);
}

/** Where connection tracking looks at a datagram (linux/netfilter_ipv4.h, NF_IP_PRI_CONNTRACK). */
const CONNTRACK_PRIORITY = -200;

/** @param states what connection tracking may say of it; a rule may add `untracked`, or leave nothing else */
function pass(
	base: BaseChain,
	packet: Packet,
	states: Set<State>,
	way: readonly BaseChain[],
): { readonly passage: Passage; readonly walked: Pick<ChainWalk, "left" | "rezoned"> } {
	const perhaps =
		base.nat && (states.size > 1 || !translates(base) || way.some((other) => isRival(base, other)));
	const chainWalk = new ChainWalk(base, packet, states, perhaps);
	const decisions = chainWalk.decisions();
	return { passage: { base, decisions, verdict: together(decisions) }, walked: chainWalk };
}

/** Without a rule that does, nothing makes the kernel track for its sake, and then it passes the chain over. */
function translates({ chains }: BaseChain): boolean {
	return [...chains.values()].some(({ rules }) =>
		rules.some(({ effect }) => effect.kind === "diverts" || effect.kind === "redirects"),
	);
}

/**
 * Translation is decided once. Chains of one family and of both are called apart, and those called second see nothing more
 * (nf_nat_inet_fn); which are first depends on what was registered when.
 */
function isRival(base: BaseChain, other: BaseChain): boolean {
	return other.nat && other.hook === base.hook && other.families.length !== base.families.length;
}

function isBeforeTracking({ hook, priority }: BaseChain): boolean {
	return (
		hook === "ingress" || ((hook === "prerouting" || hook === "output") && priority < CONNTRACK_PRIORITY)
	);
}

function together(decisions: readonly Decision[]): Verdict {
	const verdicts = new Set(decisions.map(({ verdict }) => verdict));
	if (verdicts.has("unknown")) {
		return "unknown";
	}
	if (!verdicts.has("accept")) {
		return verdicts.has("reject") && !verdicts.has("drop") ? "reject" : "drop";
	}
	return verdicts.size === 1 ? "accept" : "unknown";
}

/** How deep the kernel lets chains jump; beyond it the rules are not what the kernel has. */
const MAX_DEPTH = 16;

/** Rules looked at in one base chain: 25 times the largest rule set seen; chains that jump to each other many times multiply. */
const MAX_STEPS = 500_000;

/** Where the datagram may be after a rule; in neither place when the rule ended its walk. */
interface Outcome {
	/** At the next rule. */
	readonly goesOn: boolean;
	/** Behind the jump that led to this chain. */
	readonly returns: boolean;
}

const GOES_ON: Outcome = { goesOn: true, returns: false };
const RETURNS: Outcome = { goesOn: false, returns: true };
const ENDED: Outcome = { goesOn: false, returns: false };

class ChainWalk {
	readonly #base: BaseChain;
	readonly #packet: Packet;
	readonly #states: Set<State>;
	readonly #early: boolean;
	readonly #perhaps: boolean;
	/** What is known of its marks where the walk is now. */
	#marks: Marks;
	/** The same of those whose walk has ended. */
	#left: Marks | undefined;
	/** The datagram in each state that it may be in, as the rules of this chain see it. */
	#packets: readonly Packet[];
	readonly #found: Decision[] = [];
	#rezoned = false;
	#steps = 0;

	/** @param perhaps whether it is not certain that the datagram comes to the base chain */
	constructor(base: BaseChain, packet: Packet, states: Set<State>, perhaps: boolean) {
		this.#perhaps = perhaps;
		this.#early = isBeforeTracking(base);
		this.#base = base;
		this.#packet = packet;
		this.#states = states;
		this.#marks = packet.marks ?? UNKNOWN_MARKS;
		this.#packets = this.#variants();
	}

	/** Whether a rule may have told connection tracking to look in another zone. */
	get rezoned(): boolean {
		return this.#rezoned;
	}

	/** The marks of a datagram that is through. */
	get left(): Marks {
		return this.#left ?? this.#marks;
	}

	decisions(): Decision[] {
		const { chain, policy } = this.#base;
		const comesBack = this.#follow(chain, [], this.#perhaps ? "general" : "certain");
		if (comesBack) {
			this.#decide(policy, chain, undefined, chain.rules.length, "certain", []);
		}
		if (this.#perhaps) {
			this.#decide("accept", chain, undefined, chain.rules.length, "general", []);
		}
		return this.#found;
	}

	/**
	 * Whether the datagram may come back from `chain`.
	 * @param reached how certain it is that it comes there
	 */
	#follow(chain: Chain, by: readonly Step[], reached: Condition): boolean {
		let returns = false;
		let returned: Marks | undefined;
		const end = (comesBack: boolean) => {
			if (returned !== undefined) {
				this.#setMarks(comesBack ? eitherMarks(returned, this.#marks) : returned);
			}
		};
		for (const [index, rule] of chain.rules.entries()) {
			this.#steps += 1;
			if (this.#steps > MAX_STEPS) {
				if (this.#steps === MAX_STEPS + 1) {
					this.#decide("unknown", chain, rule, index, reached, by);
				}
				this.#setMarks(unknownMarks(this.#marks));
				return true;
			}
			const holds = this.#holds(rule.holds);
			this.#change(rule.notes);
			if (holds === "no") {
				continue;
			}
			const before = this.#marks;
			this.#rezoned ||= this.#early && rule.rezones === true;
			this.#change(rule.marks);
			const outcome = this.#apply(rule.effect, chain, rule, index, weaker(reached, holds), by);
			if (outcome.returns) {
				returns = true;
				returned = returned === undefined ? this.#marks : eitherMarks(returned, this.#marks);
			}
			if (holds === "certain" && !outcome.goesOn) {
				end(false);
				return returns;
			}
			if (holds !== "certain") {
				this.#setMarks(outcome.goesOn ? eitherMarks(before, this.#marks) : before);
			}
		}
		end(true);
		return true;
	}

	#change(marks: Rule["marks"]): void {
		if (marks !== undefined) {
			this.#setMarks(this.#packets.map(marks).reduce(eitherMarks));
		}
	}

	#setMarks(marks: Marks): void {
		if (marks !== this.#marks) {
			this.#marks = marks;
			this.#packets = this.#variants();
		}
	}

	#apply(
		effect: Effect,
		chain: Chain,
		rule: Rule,
		index: number,
		condition: Condition,
		by: readonly Step[],
	): Outcome {
		switch (effect.kind) {
			case "none":
				return GOES_ON;
			case "return":
				return RETURNS;
			case "untracks":
				if (this.#early) {
					this.#untrack(condition);
				}
				return GOES_ON;
			case "verdict":
				this.#decide(effect.verdict, chain, rule, index, condition, by);
				return ENDED;
			case "diverts": {
				const isElsewhere = !this.#isItself(effect.to);
				this.#decide(isElsewhere ? "drop" : "accept", chain, rule, index, condition, by, isElsewhere);
				return ENDED;
			}
			case "resends":
				return this.#resend(effect.as, chain, rule, index, condition, by);
			case "redirects": {
				const { first, last } = this.#packet.localPorts;
				const stays = effect.port ?? (first === last ? first : undefined);
				if (stays === undefined || (first <= stays && stays <= last)) {
					this.#decide("unknown", chain, rule, index, condition, by);
					return ENDED;
				}
				this.#decide("drop", chain, rule, index, condition, by, true);
				return ENDED;
			}
			case "unknown":
				this.#decide("unknown", chain, rule, index, condition, by);
				this.#setMarks(unknownMarks(this.#marks));
				return GOES_ON;
			case "jump":
			case "goto": {
				const target = this.#base.chains.get(effect.chain);
				if (target === undefined || by.length >= MAX_DEPTH) {
					this.#decide("unknown", chain, rule, index, condition, by);
					return GOES_ON;
				}
				const comesBack = this.#follow(target, [...by, { chain: chain.name, index, rule }], condition);
				if (!comesBack) {
					return ENDED;
				}
				return effect.kind === "jump" ? GOES_ON : RETURNS;
			}
			case "map":
				return this.#branch(effect.branches, chain, rule, index, condition, by);
		}
	}

	/** Its answer would go to that sender; and an answer that a client's datagram is not known by would come from another. */
	#resend(
		as: Destination | undefined,
		chain: Chain,
		rule: Rule,
		index: number,
		condition: Condition,
		by: readonly Step[],
	): Outcome {
		const isAnswer = this.#packet.direction === "out";
		if (isAnswer && this.#isItself(as)) {
			this.#decide("accept", chain, rule, index, condition, by);
		} else if (isAnswer && as?.address !== undefined) {
			this.#decide("drop", chain, rule, index, condition, by, true);
		} else {
			this.#decide("unknown", chain, rule, index, condition, by);
		}
		return ENDED;
	}

	/** Whether that is where the datagram goes anyway. */
	#isItself(to: Destination | undefined): boolean {
		const { local, localPorts } = this.#packet;
		const { first, last } = localPorts;
		const { address = local, port } = to ?? {};
		const prefix = prefixOf(address);
		const isSame = prefix !== undefined && addressIn(local, prefix) === true;
		return to !== undefined && isSame && (port === undefined || (port === first && port === last));
	}

	#branch(
		branches: readonly Branch[],
		chain: Chain,
		rule: Rule,
		index: number,
		condition: Condition,
		by: readonly Step[],
	): Outcome {
		let goesOn = false;
		let returns = false;
		const before = this.#marks;
		let after: Marks | undefined;
		for (const { holds, effect } of branches) {
			this.#setMarks(before);
			const truth = this.#holds(holds);
			if (truth === "no") {
				continue;
			}
			const outcome = this.#apply(effect, chain, rule, index, weaker(condition, truth), by);
			goesOn ||= outcome.goesOn;
			returns ||= outcome.returns;
			if (outcome.goesOn || outcome.returns) {
				after = after === undefined ? this.#marks : eitherMarks(after, this.#marks);
			}
			if (truth === "certain") {
				this.#setMarks(after ?? before);
				return { goesOn, returns };
			}
		}
		this.#setMarks(after === undefined ? before : eitherMarks(before, after));
		return { goesOn: true, returns };
	}

	#untrack(condition: Condition): void {
		if (condition === "certain") {
			this.#states.clear();
		}
		this.#states.add("untracked");
		this.#packets = this.#variants();
	}

	#variants(): Packet[] {
		return [...this.#states].map((state) => ({
			...this.#packet,
			state: this.#early && state !== "untracked" ? "invalid" : state,
			marks: this.#marks,
		}));
	}

	#holds(test: Rule["holds"]): Condition | "no" {
		const truths = this.#packets.map(test);
		if (truths.every((truth) => truth === true)) {
			return "certain";
		}
		if (truths.every((truth) => truth === false)) {
			return "no";
		}
		return truths.includes("specific") ? "specific" : "general";
	}

	#decide(
		verdict: Verdict,
		chain: Chain,
		rule: Rule | undefined,
		index: number,
		condition: Condition,
		by: readonly Step[],
		diverted = false,
	): void {
		if (!isShut({ verdict })) {
			this.#left = this.#left === undefined ? this.#marks : eitherMarks(this.#left, this.#marks);
		}
		this.#found.push({ verdict, diverted, base: this.#base, chain: chain.name, rule, index, condition, by });
	}
}

function weaker(a: Condition, b: Condition): Condition {
	if (a === "specific" || b === "specific") {
		return "specific";
	}
	return a === "general" || b === "general" ? "general" : "certain";
}
