/**
 * Whether datagrams arrive at the ports that the guard has opened, by all rules of the host: for the answer to a report, and as a
 * standing word that is found out anew whenever others change rules.
 */

import type { Explanation, Opening } from "../firewall/firewall.js";
import { distinct, openingKey } from "../firewall/opening.js";
import type { Clock } from "../system/clock.js";
import type { TimerGroup } from "../system/timer-group.js";
import type { GuardLog } from "./report/events.js";
import { shutBy } from "./report/overview.js";
import type { Refusal } from "./sessions/refusals.js";
import type { Explanations } from "./verification.js";

/** What becomes of datagrams to what is open; `CachedVerifier` in firewall/cached-verifier.ts. */
export interface RuleReader {
	/** Never rejects. @param held all that is open, `openings` included */
	explain(openings: readonly Opening[], held: () => readonly Opening[]): Promise<Explanations>;
	/** Others may have changed rules. */
	invalidate(): void;
	/** Whether what it says holds for as long as nobody changes rules of nf_tables or iptables, or the network. */
	holds(): Promise<boolean>;
	/** Reads the rules now, unless they are as they were: the next login then need not wait for that. */
	prepare(): Promise<void>;
}

export interface ReachabilityDependencies {
	readonly rules: RuleReader;
	/** What the firewall holds. */
	readonly held: () => readonly Opening[];
	readonly isHeld: (opening: Opening) => boolean;
	/** Closes what stands where it is of no use, until rules change. */
	readonly takeBack: (opening: Opening, explanation: Explanation) => void;
	readonly log: GuardLog;
	readonly timers: TimerGroup;
	readonly clock: Clock;
}

/** A change of rules is seldom a single one, and its events come one by one (ms). */
const SETTLE_MS = 50;
/** Between two looks (ms), or longer where one takes long: reading the rules again and again may use this share of the time. */
const BETWEEN_MS = 1000;
const SHARE = 1 / 20;

export class Reachability {
	readonly #dependencies: ReachabilityDependencies;
	/** What keeps datagrams from an opening, by its key: said in the log once. */
	readonly #shut = new Map<string, string>();
	/** What a look is due for; undefined for all that is open, as rules may have changed. */
	#due: Opening[] | undefined = [];
	/** Keys of what stood where it is of no use at the last look: by the next one the guard may have moved its rule. */
	#misplaced = new Set<string>();
	#cancel: (() => void) | undefined;
	#running = false;
	#again = false;
	/** How many changes of rules were told of. */
	#changes = 0;
	#last = { at: Number.NEGATIVE_INFINITY, tookMs: 0 };

	constructor(dependencies: ReachabilityDependencies) {
		this.#dependencies = dependencies;
	}

	/** Why datagrams to a socket do not arrive, or may not. @param openings all that it needs */
	async refusalOf(openings: readonly Opening[]): Promise<Refusal | undefined> {
		const { rules, held } = this.#dependencies;
		const found = await rules.explain(openings, held);
		this.#compare(openings, found);
		const shut = shutBy([...found.values()]);
		return shut && { code: shut.state, detail: shut.reason };
	}

	/** Others may have changed rules. */
	rulesChanged(): void {
		this.#changes += 1;
		this.#dependencies.rules.invalidate();
		this.look();
	}

	/**
	 * Soon: whoever reports a port has asked before, and shares the reading.
	 * @param opened only at these: nothing else has changed
	 */
	look(opened?: readonly Opening[]): void {
		this.#due = opened === undefined ? undefined : this.#due?.concat(opened);
		if (this.#running) {
			this.#again = true;
			return;
		}
		if (this.#cancel !== undefined) {
			return;
		}
		const { timers, clock } = this.#dependencies;
		const next = this.#last.at + Math.max(BETWEEN_MS, this.#last.tookMs / SHARE) - clock.now();
		this.#cancel = timers.after(Math.max(SETTLE_MS, next), () => {
			this.#cancel = undefined;
			void this.#look();
		});
	}

	async #look(): Promise<void> {
		const { rules, held, isHeld, clock } = this.#dependencies;
		this.#running = true;
		this.#again = false;
		const began = clock.now();
		const openings = this.#due === undefined ? held() : distinct(this.#due).filter(isHeld);
		this.#due = [];
		const changes = this.#changes;
		if (openings.length > 0) {
			const found = await rules.explain(openings, held);
			this.#compare(openings, found);
			// What was taken back by rules that are no longer would stay closed until they change once more.
			if (changes === this.#changes) {
				this.#takeBackMisplaced(openings, found);
			}
		} else {
			await rules.prepare();
		}
		this.#forgetClosed();
		const at = clock.now();
		this.#last = { at, tookMs: at - began };
		this.#running = false;
		if (this.#again) {
			this.look([]);
		}
	}

	/** Of what is open still: the rule of a port that was closed meanwhile may be missing in what was found. */
	#compare(openings: readonly Opening[], found: Explanations): void {
		const { isHeld, log } = this.#dependencies;
		for (const opening of openings) {
			const key = openingKey(opening);
			const explanation: Explanation | undefined = found.get(key);
			if (explanation === undefined || !isHeld(opening)) {
				continue;
			}
			const shut = shutBy([explanation]);
			if (shut === undefined) {
				this.#shut.delete(key);
			} else if (this.#shut.get(key) !== shut.reason) {
				this.#shut.set(key, shut.reason);
				const { family, address, port } = opening;
				const event = shut.state === "blocked" ? "port.shut" : "port.unverified";
				log(event, { family, address, port, reason: shut.reason });
			}
		}
	}

	#takeBackMisplaced(openings: readonly Opening[], found: Explanations): void {
		const before = this.#misplaced;
		this.#misplaced = new Set();
		for (const opening of openings) {
			const key = openingKey(opening);
			const explanation = found.get(key);
			if (!explanation?.misplaced) {
				continue;
			}
			if (before.has(key)) {
				this.#dependencies.takeBack(opening, explanation);
			} else {
				this.#misplaced.add(key);
			}
		}
		if (this.#misplaced.size > 0) {
			this.#dependencies.rules.invalidate();
			this.#due = undefined;
			this.#again = true;
		}
	}

	#forgetClosed(): void {
		if (this.#shut.size === 0) {
			return;
		}
		const keys = new Set(this.#dependencies.held().map(openingKey));
		for (const key of this.#shut.keys()) {
			if (!keys.has(key)) {
				this.#shut.delete(key);
			}
		}
	}
}
