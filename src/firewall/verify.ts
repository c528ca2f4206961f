/**
 * Says of openings what the rules of the host, as they are now, do with a datagram to them and with the answer: by which rule,
 * and whose rule that is. The rules are read once, whichever firewalls wrote them.
 */

import { isWildcard, type LocalAddress } from "../system/addresses.js";
import type { Commands } from "../system/commands.js";
import type { NetlinkQuestions } from "../system/netlink.js";
import { LimitedCommands } from "./deadline.js";
import type { Explanation, Firewall, Opening } from "./firewall.js";
import { CHAIN as IPTABLES_CHAIN } from "./iptables/rule.js";
import { CHAIN as NFTABLES_CHAIN } from "./nftables/owned-objects.js";
import { sameOpening, TAG } from "./opening.js";
import { BesideRules } from "./path/beside-rules.js";
import { isHere, type Network, readNetwork, type Way, waysTo } from "./path/interfaces.js";
import { describe, judge, mayShutBelow, type WayJudged } from "./path/judge.js";
import { answerTo, firstDatagram, type Packet, type Ports } from "./path/packet.js";
import { type HostRules, readRules } from "./path/read.js";
import { filterOf } from "./path/reverse-path.js";
import { type BaseChain, type Chain, type IsOurs, isShut, type Rule } from "./path/rules.js";
import { type Decision, type Walk, walk } from "./path/walk.js";

type InForce = Pick<Firewall, "list" | "ownWords">;

export interface VerifyOptions {
	/** Milliseconds for all commands together: what is not read by then is unknown. */
	readonly withinMs: number;
	/** Asks also where one answer takes seconds: sets that are too large to be listed. */
	readonly patient?: boolean;
	/** The firewall in force; it may have words of its own for its rules. The reading does not wait for it. */
	readonly firewall?: InForce | Promise<InForce | undefined> | undefined;
	/** Where `commands` run in another network namespace: what that host has, and its `net` folder in proc. */
	readonly network?: Network;
	readonly net?: string;
	/** Of the network namespace that `commands` run in. */
	readonly netlink?: NetlinkQuestions | undefined;
	/** The kernel's reverse path filter at an interface (`rp_filter`); without it, of this network namespace, if `network` is. */
	readonly reversePathFilter?: (name: string) => Promise<number>;
}

/** Who sends the datagrams. */
export interface Client {
	/** Canonical; without it, an address that no rule names. */
	readonly address: string;
	/** 1–65535; without it, any port that a host picks from. */
	readonly port?: number;
}

export class Verifier {
	readonly #rules: HostRules;
	readonly #network: Network;
	readonly #options: VerifyOptions;
	readonly #beside: BesideRules;
	readonly #opened = new Map<Rule, number | undefined>();
	#held: Promise<readonly Opening[]> | undefined;

	private constructor(rules: HostRules, network: Network, beside: BesideRules, options: VerifyOptions) {
		this.#rules = rules;
		this.#beside = beside;
		this.#network = network;
		this.#options = options;
	}

	/** Reads the rules. A tool that fails or takes too long makes what it would have shown unknown. */
	static async read(commands: Commands, options: VerifyOptions): Promise<Verifier> {
		const limited = new LimitedCommands(commands, options.withinMs);
		const { net, network, netlink } = options;
		// Of another network namespace, it cannot be read here.
		const filter = options.reversePathFilter ?? (network === undefined ? filterOf : async () => 0);
		const [rules, found] = await Promise.all([
			readRules(limited, { isOurs, netlink, ...(net === undefined ? {} : { net }) }),
			network ?? readNetwork(limited),
		]);
		// Its questions have a time of their own: a reading may be asked long after it was made.
		return new Verifier(rules, found, new BesideRules(commands, found, filter), options);
	}

	/** What decides on an opening; undefined for a wildcard of a family of which the host has no address: nobody can reach it. */
	explain(opening: Opening, client?: Client): Promise<Explanation | undefined> {
		return this.#explain(
			opening,
			{ first: opening.port, last: opening.port },
			this.#chainsFor(opening.port),
			{
				client,
			},
		);
	}

	/**
	 * The same as if it were open: an accept for it stands wherever these rules lead to a chain of ours, and beside what opens
	 * `alike`, another port of the same address.
	 */
	foresee(opening: Opening, alike?: Opening): Promise<Explanation | undefined> {
		const ports = { first: opening.port, last: opening.port };
		return this.#explain(opening, ports, this.#chainsWith(opening, ports, alike), { asOpen: true });
	}

	/** For every port of a range: undefined unless nothing in the rules tells them apart and all are open. */
	async foreseeAll(local: LocalAddress, ports: Ports, alike?: Opening): Promise<Explanation | undefined> {
		const opening = { ...local, port: ports.first };
		const found = await this.#explain(opening, ports, this.#chainsWith(opening, ports, alike), {
			asOpen: true,
		});
		return found?.verdict === "open" ? found : undefined;
	}

	async #explain(
		opening: Opening,
		ports: Ports,
		chains: readonly BaseChain[],
		{ client, asOpen = false }: { readonly client?: Client | undefined; readonly asOpen?: boolean },
	): Promise<Explanation | undefined> {
		const general = waysTo(opening, this.#network);
		const ways = client === undefined ? general : await this.#beside.waysOf(client.address, general);
		if (ways.length === 0) {
			return isWildcard(opening) ? undefined : notHere(opening);
		}
		const judgement = await judge(
			{ ...this.#rules, chains },
			{
				ways,
				ports,
				...(client === undefined ? {} : { from: client.address }),
				...(client?.port === undefined ? {} : { fromPorts: { first: client.port, last: client.port } }),
			},
			{ patient: this.#options.patient ?? false },
		);
		const judged = judgement.ways.find(({ way }) => way === judgement.way);
		if (judgement.verdict === "accept") {
			const [doubt] = ways.flatMap((way) => mayShutBelow({ chains }, way, ports) ?? []);
			if (doubt !== undefined) {
				return { verdict: "unknown", by: "admin", rule: textOf(doubt) };
			}
			if (!isHere(opening, this.#network)) {
				return notHere(opening);
			}
			const beside = await this.#beside.found(judgement, ports, (way) => this.#isOpenBy(way, chains, ports));
			if (beside?.kind === "unknown") {
				const { rule, direction } = beside;
				return { verdict: "unknown", by: "admin", rule, ...(direction === "out" && { direction: "answer" }) };
			}
			if (beside !== undefined && judged !== undefined) {
				const open = await this.#accepted(judged.inbound, judged.way, opening, client, !asOpen);
				return { ...open, only: beside.only };
			}
		}
		if (asOpen && judged?.verdict === "accept") {
			return this.#accepted(judged.inbound, judged.way, opening, client, false);
		}
		const found = judged && (await this.#inWords(judged, opening, client));
		return found?.verdict === "closed" && judgement.ways.some(({ verdict }) => verdict === "accept")
			? onlyBy(judged, judgement.ways, found)
			: found;
	}

	/** Without what we have opened for other ports: with a thousand sessions that is nearly all of the rules. */
	#chainsFor(port: number): readonly BaseChain[] {
		return this.#rules.chains.map((base) => {
			const own = IPTABLES_CHAIN;
			const chain = base.chains.get(own);
			if (chain === undefined) {
				return base;
			}
			const rules = chain.rules.filter((rule) => [undefined, port].includes(this.#openedPort(rule)));
			return { ...base, chains: new Map(base.chains).set(own, { name: own, rules }) };
		});
	}

	#chainsWith(opening: Opening, ports: Ports, alike: Opening | undefined): readonly BaseChain[] {
		const accept: Rule = {
			text: `accept of udp port ${opening.port}`,
			ours: true,
			holds: ({ localPorts }) => localPorts.first >= ports.first && localPorts.last <= ports.last,
			effect: { kind: "verdict", verdict: "accept" },
		};
		const opensAlike = new RegExp(`dports? ${alike?.port}\\b`);
		return this.#rules.chains.map((base) => {
			let chains: Map<string, Chain> | undefined;
			for (const [name, chain] of base.chains) {
				const rules = OUR_CHAINS.has(name)
					? [accept]
					: alike !== undefined && OUR_PLACES.test(name)
						? chain.rules.flatMap((rule) =>
								opensAlike.test(rule.text) && rule.effect.kind === "verdict"
									? [rule, asFor(rule, ports, alike)]
									: [rule],
							)
						: chain.rules;
				if (rules !== chain.rules) {
					chains ??= new Map(base.chains);
					chains.set(name, { name, rules });
				}
			}
			return chains === undefined
				? base
				: { ...base, chains, chain: chains.get(base.chain.name) ?? base.chain };
		});
	}

	/** Undefined for a rule that is not ours alone. */
	#openedPort(rule: Rule): number | undefined {
		if (!this.#opened.has(rule)) {
			const port = OPENED.exec(rule.text)?.[1];
			this.#opened.set(rule, port === undefined ? undefined : Number(port));
		}
		return this.#opened.get(rule);
	}

	async #isOpenBy(way: Way, chains: readonly BaseChain[], ports: Ports): Promise<boolean> {
		const { verdict } = await judge({ ...this.#rules, chains }, { ways: [way], ports });
		return verdict === "accept";
	}

	async #inWords(judged: WayJudged, opening: Opening, client?: Client): Promise<Explanation> {
		const { verdict, inbound, answer } = judged;
		if (verdict === "accept") {
			return this.#accepted(inbound, judged.way, opening, client);
		}
		const isAnswer = answer !== undefined && (verdict !== "unknown" || inbound.verdict === "accept");
		const { decisions } = isAnswer ? answer : inbound;
		if (verdict === "unknown") {
			const texts = [...new Set([...this.#notRead(decisions), ...decisions.map(textOf)])];
			return { verdict, by: "admin", rule: someOf(texts), ...(isAnswer ? { direction: "answer" } : {}) };
		}
		const { found, decision } = this.#shut(isAnswer ? answer : inbound, judged.way, isAnswer);
		return isAnswer || client !== undefined ? found : this.#inOwnWords(found, decision, opening);
	}

	/** Where no rule is named that is not understood, what is missing of the reading. */
	#notRead(decisions: readonly Decision[]): readonly string[] {
		return decisions.some(({ verdict }) => verdict === "unknown")
			? []
			: this.#rules.facts.filter(({ code }) => NOT_READ.has(code)).map(({ sentence }) => sentence);
	}

	/** @param inOwnWords whether the firewall may put it into its words */
	async #accepted(
		inbound: Walk,
		way: Way,
		opening: Opening,
		client?: Client,
		inOwnWords = true,
	): Promise<Explanation> {
		const decision = decidingAccept(inbound);
		if (decision === undefined) {
			return { verdict: "open", by: "policy", rule: "no rule filters it" };
		}
		const by = (await this.#isOurs(decision, opening))
			? "guard"
			: this.#isDefault(decision, way, false)
				? "policy"
				: "admin";
		const found: Explanation = { verdict: "open", by, rule: textOf(decision) };
		return client === undefined && inOwnWords ? this.#inOwnWords(found, decision, opening) : found;
	}

	/**
	 * What shuts an opening outside of the chains that openings are made in: on the way in before them, and on the way out.
	 * No rule of ours helps against it.
	 */
	obstacles(opening: Opening): Explanation[] {
		const elsewhere = this.#rules.chains.filter(({ hook }) => hook !== "input");
		const found = waysTo(opening, this.#network).flatMap((way) => {
			const packet = firstDatagram(
				way.family,
				way.address,
				{ first: opening.port, last: opening.port },
				way.interface,
			);
			const inbound = walk(elsewhere, packet);
			const walks = isShut(inbound)
				? [{ walked: inbound, isAnswer: false }]
				: inbound.states.map((state) => ({
						walked: walk(elsewhere, answerTo(packet, state, inbound.marks)),
						isAnswer: true,
					}));
			return walks.flatMap(({ walked, isAnswer }) =>
				isShut(walked) ? [this.#shut(walked, way, isAnswer).found] : [],
			);
		});
		return [...new Map(found.map((one) => [`${one.rule} ${one.direction}`, one])).values()];
	}

	#shut(
		{ decisions }: Walk,
		way: Way,
		isAnswer: boolean,
	): { readonly found: Explanation; readonly decision: Decision } {
		const decision = decisions.find(({ condition }) => condition === "certain") ?? decisions[0];
		if (decision === undefined) {
			throw new Error("A datagram is dropped by no rule.");
		}
		const isDefault = !decision.diverted && this.#isDefault(decision, way, isAnswer);
		const found: Explanation = {
			verdict: "closed",
			by: isDefault ? "policy" : "admin",
			rule: textOf(decision),
			...(isAnswer ? { direction: "answer" } : {}),
			...(decision.diverted ? { diverted: true } : {}),
			...(isDefault && !isAnswer && hasOurs(decision.base) ? { misplaced: true } : {}),
		};
		return { found, decision };
	}

	/** Where they say the same of the same chain: people know the firewall's settings better than the rules it makes of them. */
	async #inOwnWords(found: Explanation, { chain }: Decision, opening: Opening): Promise<Explanation> {
		const firewall = await this.#options.firewall;
		if (firewall?.ownWords === undefined) {
			return found;
		}
		try {
			const own = await firewall.ownWords(opening, chain);
			if (own !== undefined) {
				return own.verdict === found.verdict && own.by === found.by ? own : found;
			}
			// No default that the firewall makes exceptions from, whatever else it is.
			return found.verdict === "closed" ? { ...found, by: "admin" } : found;
		} catch {
			return found;
		}
	}

	async #isOurs({ rule, chain }: Decision, opening: Opening): Promise<boolean> {
		if (rule === undefined || rule.ours) {
			return rule?.ours === true;
		}
		const isAlike =
			rule.text.includes(" @") ||
			(OUR_PLACES.test(chain) && new RegExp(`dports? ${opening.port}\\b`).test(rule.text));
		return isAlike && (await this.#openings()).some((held) => sameOpening(held, opening));
	}

	#openings(): Promise<readonly Opening[]> {
		this.#held ??= Promise.resolve(this.#options.firewall)
			.then((firewall) => firewall?.list() ?? [])
			.catch(() => []);
		return this.#held;
	}

	/** Whether it decides on a datagram from nowhere in particular to whichever port. */
	#isDefault(decision: Decision, way: Way, isAnswer: boolean): boolean {
		if (decision.rule === undefined) {
			return true;
		}
		const first = firstDatagram(way.family, way.address, ALL_PORTS, way.interface);
		const packets: readonly Packet[] = isAnswer
			? [answerTo(first, "new"), answerTo(first, "untracked")]
			: [first];
		return packets.some((packet) =>
			walk(this.#rules.chains, packet).passages.some(({ decisions }) =>
				decisions.some((other) => other.rule === decision.rule && other.condition !== "specific"),
			),
		);
	}
}

/** A rule of our chain in iptables for one port. */
const OPENED = new RegExp(`^-A ${IPTABLES_CHAIN} .*-p udp -m udp --dport (\\d+) .*-j ACCEPT$`);

const ALL_PORTS: Ports = { first: 1, last: 65_535 };

/** The rule as it would be for other ports: it sees them as the one that it names. */
function asFor(rule: Rule, ports: Ports, { port }: Opening): Rule {
	const localPorts = { first: port, last: port };
	return {
		...rule,
		holds: (packet) =>
			packet.localPorts.first >= ports.first &&
			packet.localPorts.last <= ports.last &&
			rule.holds({ ...packet, localPorts }),
	};
}

/** Chains in which firewalls put what they are asked to open, without room for our name. */
const OUR_PLACES = /^(ufw6?-user-input|(filter_)?IN_.+_post)$/;

const OUR_CHAINS: ReadonlySet<string | undefined> = new Set([IPTABLES_CHAIN, NFTABLES_CHAIN]);

/** Our chains, what stands in them, what leads there, and whatever has our name. */
export const isOurs: IsOurs = ({ chain, comment, target }) =>
	comment === TAG || OUR_CHAINS.has(chain) || OUR_CHAINS.has(target);

function hasOurs({ chains }: BaseChain): boolean {
	return chains.has(IPTABLES_CHAIN) || chains.has(NFTABLES_CHAIN);
}

/** Every chain lets it pass: the one that people ask about is ours, or else the last that has a rule for it. */
function decidingAccept({ passages }: Walk): Decision | undefined {
	const all = passages.flatMap(({ decisions }) => decisions);
	const ours = all.find(({ rule }) => rule?.ours);
	if (ours !== undefined) {
		return ours;
	}
	const input = all.filter(({ base }) => base.hook === "input" && !base.nat);
	return input.findLast(({ rule }) => rule !== undefined) ?? input.at(-1) ?? all.at(-1);
}

/** What iptables lists names the chain itself. */
function textOf(decision: Decision): string {
	const { base, rule } = decision;
	return rule?.text.startsWith("-A ") ? `${base.table}: ${rule.text}` : describe(decision);
}

/** Whether a datagram to it ends here, nobody knows. */
function notHere({ address }: LocalAddress): Explanation {
	return {
		verdict: "unknown",
		by: "admin",
		rule: `no interface of this host has the address ${address}`,
	};
}

/** Which interface a client's datagrams come in by, nobody knows before they come. */
function onlyBy(
	judged: WayJudged | undefined,
	others: readonly WayJudged[],
	{ rule, direction }: Explanation,
): Explanation {
	const isAnswer = direction === "answer";
	const { interface: name, address } = judged?.way ?? {};
	const isOfInterface = others.every(
		({ way, verdict }) => (way.interface === name) !== (verdict === "accept"),
	);
	const what = isOfInterface
		? `${isAnswer ? "answers that go out by" : "datagrams that come in by"} ${name}`
		: `${isAnswer ? "answers from" : "datagrams to"} ${address}`;
	return {
		verdict: "unknown",
		by: "admin",
		rule: `${rule} shuts it for ${what}, and not for others`,
		...(direction === undefined ? {} : { direction }),
	};
}

/** What to say of what nobody can reach. */
export const UNREACHED: Explanation = {
	verdict: "open",
	by: "policy",
	rule: "nobody else can send to this address",
};

const NOT_READ: ReadonlySet<string> = new Set(["tool-failed", "listings-disagree"]);

const MOST_RULES = 3;

function someOf(texts: readonly string[]): string {
	const more = texts.length - MOST_RULES;
	const shown = texts.slice(0, MOST_RULES).join("; ");
	return more > 0 ? `${shown}; and ${more} more` : shown;
}
