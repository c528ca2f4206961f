/**
 * What keeps a datagram or its answer from its end where no table of rules sees it: programs and filters at an interface, rules of
 * routing, and the kernel's reverse path filter.
 */

import { isLoopback } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import type { Network, Way } from "./interfaces.js";
import type { Judgement, WayJudged } from "./judge.js";
import { type Bits, NO_MARK } from "./marks.js";
import type { Packet, Ports } from "./packet.js";
import { LOOSE, STRICT, WaysBack } from "./reverse-path.js";
import { detourOf, refusalOf, strayOf } from "./routing-rules.js";

export type Beside =
	/** It may be dropped by this. */
	| { readonly kind: "unknown"; readonly rule: string; readonly direction: Packet["direction"] }
	/** It comes through from some senders alone; a remark on the port. */
	| { readonly kind: "limited"; readonly only: string };

export class BesideRules {
	readonly #network: Network;
	readonly #filterOf: (name: string) => Promise<number>;
	readonly #waysBack: WaysBack;

	/** @param filterOf the setting `rp_filter` that counts at an interface */
	constructor(commands: Commands, network: Network, filterOf: (name: string) => Promise<number>) {
		this.#network = network;
		this.#filterOf = filterOf;
		this.#waysBack = new WaysBack(commands);
	}

	/** Ways with the way back to a client; where that is one of them, a client comes by no other. */
	async waysOf(client: string, ways: readonly Way[]): Promise<readonly Way[]> {
		if (this.#network.hasVrfs) {
			return ways;
		}
		const known = await Promise.all(
			ways.map(async (way) => {
				const back = await this.#waysBack.to(client, way);
				return back === undefined ? way : { ...way, back };
			}),
		);
		const same = known.filter((way) => way.back === way.interface);
		return same.length > 0 ? same : known;
	}

	/**
	 * @param judgement that all rules let it through
	 * @param isOpen whether they do on a way with another way back
	 */
	async found(
		judgement: Judgement,
		ports: Ports,
		isOpen: (way: Way) => Promise<boolean>,
	): Promise<Beside | undefined> {
		const ways = judgement.ways.map(({ way }) => way);
		const [doubt] = ways.flatMap(({ interface: name, below = [] }) =>
			(this.#network.doubts ?? []).filter((one) => [name, ...below].includes(one.interface)),
		);
		if (doubt !== undefined) {
			return { kind: "unknown", rule: `${doubt.what}, which is not followed`, direction: doubt.direction };
		}
		for (const judged of judgement.ways) {
			const misled = await this.#misled(judged, ports);
			if (misled !== undefined) {
				return misled;
			}
		}
		for (const way of this.#network.hasVrfs ? [] : ways.filter((one) => !this.#isOnlyWayOut(one))) {
			const found = await this.#reversePath(way, judgement.supposesWayBack === true, isOpen);
			if (found !== undefined) {
				return found;
			}
		}
		return undefined;
	}

	/** By a rule of routing. */
	async #misled({ way, inbound, answer }: WayJudged, ports: Ports): Promise<Beside | undefined> {
		const rules = this.#network.rules?.[way.family] ?? [];
		const stray = strayOf(rules, way, ports, inbound.marks.packet);
		if (stray !== undefined) {
			return { kind: "unknown", rule: `ip rule: ${stray}`, direction: "in" };
		}
		// The answer is routed when it is sent, and once more where rules have marked it.
		for (const mark of [NO_MARK, ...(answer === undefined ? [] : [answer.marks.packet])]) {
			const refusal = refusalOf(rules, way, ports, mark);
			const rule = refusal ?? (await this.#deadEnd(rules, way, ports, mark));
			if (rule !== undefined) {
				return { kind: "unknown", rule: `ip rule: ${rule}`, direction: "out" };
			}
		}
		return undefined;
	}

	/** A rule that leads the answers to a table without a route for them, where others have one. */
	async #deadEnd(rules: readonly string[], way: Way, ports: Ports, mark: Bits): Promise<string | undefined> {
		const rule = detourOf(rules, way, ports, mark);
		if (rule === undefined || this.#network.hasVrfs || !this.#hasDefault(way)) {
			return undefined;
		}
		// What no rule asks for makes no difference, and the kernel need not be asked again for each port.
		const asksPorts = rules.some((one) => /\b(sport|ipproto)\b/.test(one));
		const flow = [
			...(asksPorts ? ["ipproto", "udp", "sport", String(ports.first)] : []),
			...(mark.value === 0 ? [] : ["mark", String(mark.value)]),
		];
		return (await this.#waysBack.areThere(way, flow)) === false ? rule : undefined;
	}

	/**
	 * By a filter of the reverse path.
	 * @param isAsked whether a rule asks for the way back to whoever sends
	 */
	async #reversePath(
		way: Way,
		isAsked: boolean,
		isOpen: (way: Way) => Promise<boolean>,
	): Promise<Beside | undefined> {
		const { family, interface: name, back } = way;
		const filter = family === "ipv4" ? await this.#filterOf(name) : 0;
		const setting = `net.ipv4.conf.${name}.rp_filter is ${filter}`;
		if (back !== undefined) {
			const drops = filter === STRICT ? back !== name : filter === LOOSE && back === "";
			const to = back === "" ? "there is no route to the client" : `the route to the client is by ${back}`;
			return drops ? { kind: "unknown", rule: `${setting}, and ${to}`, direction: "in" } : undefined;
		}
		const only = `by ${name} only from networks that this host has routes to by it`;
		if (await this.#drops(filter, way)) {
			return { kind: "limited", only: `${only} (${setting})` };
		}
		const others = isAsked ? await this.#waysBack.others(way) : [];
		const open = await Promise.all(others.map((other) => isOpen({ ...way, back: other })));
		return open.includes(false)
			? { kind: "limited", only: `${only} (a rule asks for the way back)` }
			: undefined;
	}

	/** Whether the kernel's filter drops some of what comes from everywhere. */
	async #drops(filter: number, way: Way): Promise<boolean> {
		if (filter === STRICT) {
			return (await this.#waysBack.areSame(way)) === false;
		}
		return filter === LOOSE && !this.#hasDefault(way) && (await this.#waysBack.areThere(way)) === false;
	}

	#hasDefault({ family }: Way): boolean {
		return this.#network.defaults[family].length > 0;
	}

	/** No other interface has addresses, and this one has the default route. */
	#isOnlyWayOut({ family, interface: name, back }: Way): boolean {
		const { addresses, defaults } = this.#network;
		const isAlone = addresses.every((found) => found.interface === name || isLoopback(found));
		return back === undefined && isAlone && defaults[family].includes(name);
	}
}
