/** Whether a port is open as the rules of the host are now: a datagram walked in, and its answer walked out, on every way. */

import type { Way } from "./interfaces.js";
import type { LearnOptions } from "./memberships.js";
import { answerTo, firstDatagram, laterDatagram, type Packet, type Ports, type State } from "./packet.js";
import type { HostRules } from "./read.js";
import { isShut, type Verdict } from "./rules.js";
import { verified } from "./stand-ins.js";
import { Stranger } from "./stranger.js";
import { type Decision, type Walk, walk } from "./walk.js";

export interface Question {
	readonly ways: readonly Way[];
	/** One port, or each of a range: what differs among them is unknown. */
	readonly ports: Ports;
	/** The client's address, canonical; without it, one that no rule names. */
	readonly from?: string;
	/** The client's port; without it, any that a host picks from. */
	readonly fromPorts?: Ports;
}

/** The two walks on one way. */
export interface WayJudged {
	readonly way: Way;
	readonly inbound: Walk;
	/** Not walked where the datagram does not come in. */
	readonly answer: Walk | undefined;
	readonly verdict: Verdict;
}

export interface Judgement {
	/** The worst of the ways: `drop` and `reject`, then `unknown`, then `accept`. */
	readonly verdict: Verdict;
	/** Which datagram decided: the client's, or the server's answer. */
	readonly direction: Packet["direction"];
	readonly way: Way | undefined;
	/** What decided there: the rule that shuts, those that may, or the last that let it pass. */
	readonly decisions: readonly Decision[];
	readonly ways: readonly WayJudged[];
	/** Rules asked for the way back to an address that no rule names: it was supposed to be the one that the datagram came by. */
	readonly supposesWayBack?: boolean;
}

/** Rounds of walking and reading sets: an answer may lead to rules that ask for another set. */
const MAX_ROUNDS = 4;

export async function judge(
	rules: HostRules,
	question: Question,
	options?: LearnOptions,
): Promise<Judgement> {
	const learn = () => rules.learn(options);
	if (question.from !== undefined) {
		return learned(rules, question, undefined, learn);
	}
	for (let round = 1; ; round += 1) {
		const stranger = new Stranger(question.ways[0]?.family ?? "ipv4");
		const judgement = await learned(rules, question, stranger, learn);
		const found = await verified(stranger, learn);
		if (found.kind === "right") {
			return { ...judgement, supposesWayBack: stranger.comesBack };
		}
		if (found.kind === "sets" && round === 1) {
			for (const set of stranger.sets) {
				set.list();
			}
			await learn();
			continue;
		}
		// Sets that cannot be read may leave some address out.
		const judged = found.kind === "sets" ? [judgement] : [];
		for (const from of found.addresses) {
			judged.push(await learned(rules, { ...question, from }, undefined, learn));
		}
		return ofAll(judged);
	}
}

/** @param stranger of whom nothing is known but what the rules say */
async function learned(
	rules: HostRules,
	question: Question,
	stranger: Stranger | undefined,
	learn: () => Promise<boolean>,
): Promise<Judgement> {
	let judgement = judgeNow(rules, question, stranger);
	for (let round = 1; round < MAX_ROUNDS && (await learn()); round += 1) {
		judgement = judgeNow(rules, question, stranger);
	}
	return judgement;
}

/** Of datagrams from several addresses. */
function ofAll(judged: readonly Judgement[]): Judgement {
	const [first, ...others] = judged as readonly [Judgement, ...Judgement[]];
	if (others.every(({ verdict }) => SEVERITY[verdict] === SEVERITY[first.verdict])) {
		return first;
	}
	const [worst = first] = judged.filter(({ verdict }) => verdict !== "accept");
	return unsure(
		worst,
		judged.flatMap(({ verdict, decisions }) => (verdict === "accept" ? [] : decisions)),
	);
}

/** The same where what decides may not be met. */
function unsure(judgement: Judgement, decisions: readonly Decision[]): Judgement {
	const { direction, way, ways } = judgement;
	const verdict = "unknown";
	const unsureWalk = (walked: Walk): Walk => ({ ...walked, verdict, decisions });
	return {
		...judgement,
		verdict,
		decisions,
		ways: ways.map((judged): WayJudged => {
			if (judged.way !== way) {
				return judged;
			}
			const { inbound, answer } = judged;
			return direction === "in" || answer === undefined
				? { way, inbound: unsureWalk(inbound), answer, verdict }
				: { way, inbound, answer: unsureWalk(answer), verdict };
		}),
	};
}

/** With what is known of sets already. Pure. A socket that no way leads to is shut by no rule. */
export function judgeNow(
	{ chains }: Pick<HostRules, "chains">,
	question: Question,
	stranger?: Stranger,
): Judgement {
	const judged = question.ways.map((way) => judgeWay(chains, way, question, stranger));
	const worst = [...judged].sort((a, b) => SEVERITY[b.verdict] - SEVERITY[a.verdict])[0];
	const inShut = worst?.inbound.verdict !== "accept";
	const deciding = inShut ? worst?.inbound : worst?.answer;
	const isAnswer = !inShut && worst?.verdict !== "accept";
	return {
		verdict: worst?.verdict ?? "accept",
		direction: isAnswer ? "out" : "in",
		way: worst?.way,
		decisions: (worst?.verdict === "accept" ? worst.inbound : deciding)?.decisions ?? [],
		ways: judged,
	};
}

const SEVERITY: Record<Verdict, number> = { accept: 0, unknown: 1, reject: 2, drop: 2 };

function judgeWay(
	chains: HostRules["chains"],
	way: Way,
	{ ports, from, fromPorts }: Question,
	stranger: Stranger | undefined,
): WayJudged {
	const { family, address, interface: by, elsewhere, back } = way;
	const packet: Packet = {
		...firstDatagram(family, address, ports, by, from ?? stranger, fromPorts),
		...(elsewhere && { elsewhere }),
		back,
	};
	const inbound = walk(chains, packet);
	if (isShut(inbound)) {
		return { way, inbound, answer: undefined, verdict: inbound.verdict };
	}
	// What is tracked in another zone than its answer is, for that, not tracked.
	const states = new Set<State>([...inbound.states, ...(inbound.rezoned ? (["untracked"] as const) : [])]);
	const answers = [...states].map((state) => walk(chains, answerTo(packet, state, inbound.marks)));
	const worst = [...answers].sort((a, b) => SEVERITY[b.verdict] - SEVERITY[a.verdict])[0];
	const same = answers.every(({ verdict }) => verdict === worst?.verdict);
	const verdict = worst === undefined || same ? (worst?.verdict ?? "accept") : "unknown";
	const answer = worst && { ...worst, verdict };
	const shuts =
		verdict === "accept" && inbound.verdict === "accept"
			? whatShutsLater(chains, packet, inbound)
			: undefined;
	if (shuts !== undefined) {
		const unsure = { ...inbound, verdict: "unknown", decisions: shuts } as const;
		return { way, inbound: unsure, answer: undefined, verdict: "unknown" };
	}
	return {
		way,
		inbound,
		answer,
		verdict: SEVERITY[verdict] > SEVERITY[inbound.verdict] ? verdict : inbound.verdict,
	};
}

/** What may drop a later datagram of the same client, by what the first has left in sets. */
function whatShutsLater(
	chains: HostRules["chains"],
	packet: Packet,
	{ marks, states }: Walk,
): readonly Decision[] | undefined {
	if (marks.noted === undefined) {
		return undefined;
	}
	const tracked: readonly State[] = states.includes("new") ? ["established", "new"] : [];
	return [...tracked, ...states.filter((state) => state !== "new")]
		.map((state) => walk(chains, laterDatagram(packet, state, marks)))
		.find(({ verdict }) => verdict !== "accept")?.decisions;
}

/**
 * What may shut a port on the interfaces that a way's interface is made of: what their chains see are frames, of a VLAN for instance,
 * so it is not known. Pure.
 */
export function mayShutBelow(
	{ chains }: Pick<HostRules, "chains">,
	way: Way,
	ports: Ports,
): Decision | undefined {
	const there = chains.filter(({ hook }) => hook === "ingress" || hook === "egress");
	return (way.below ?? [])
		.flatMap((name) => {
			const packet = firstDatagram(way.family, way.address, ports, name);
			return [packet, answerTo(packet, "new"), answerTo(packet, "untracked")];
		})
		.map((packet) => walk(there, packet))
		.find(({ verdict }) => verdict !== "accept")?.decisions[0];
}

/** Where a decision fell and by what, for a sentence: `inet filter, chain input: tcp dport 22 accept`. */
export function describe({ base, chain, rule }: Decision): string {
	return `${base.table}, chain ${chain}: ${rule?.text ?? `policy ${base.policy}`}`;
}
