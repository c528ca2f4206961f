/**
 * What a sweep reads again: our openings and all rules of the host, unless nobody has changed any since the last one, as far as the
 * kernel's count and a comparison of the network show.
 */

import type { Enforcer } from "./enforcer.js";
import type { Reachability, RuleReader } from "./reachability.js";

export interface RereadingDependencies {
	readonly enforcer: Pick<Enforcer, "renew" | "invalidate" | "openings">;
	readonly reachability: Pick<Reachability, "rulesChanged">;
	readonly rules: Pick<RuleReader, "holds">;
	/** The same as long as nobody but this process has changed nf_tables; undefined where that cannot be known. */
	readonly othersMark: () => Promise<number | undefined>;
	/** As in `GuardDependencies`. */
	readonly ways: () => string;
	/** As in `GuardDependencies`. */
	readonly network: () => Promise<string | undefined>;
	readonly requestScan: () => void;
}

/**
 * All rules of the host, and what holds our openings, are read again by a sweep where the kernel's count shows that others have changed
 * some, or the ways to this host are others. As these do not show every route, one sweep in so many compares the rest of the network, and
 * has them read where it has changed, or may have.
 */
const SWEEPS_PER_COMPARISON = 5;
/** By one in so many they are read in any case. */
const SWEEPS_PER_READING = 60;

export class Rereading {
	readonly #dependencies: RereadingDependencies;
	#sweeps = 0;
	/** Of the rules at the last sweep. */
	#sweptMark: string | undefined;
	/** As it was before the rules were read that are known. */
	#network: string | undefined;
	/** How often sweeps have had all rules read. */
	#readings = 0;

	constructor(dependencies: RereadingDependencies) {
		this.#dependencies = dependencies;
	}

	/**
	 * Before anything is read: what is changed meanwhile is read again at the first sweep.
	 * @returns to be called when all has been read
	 */
	async start(): Promise<() => Promise<void>> {
		this.#sweptMark = await this.#changesMark();
		const network = this.#dependencies.network();
		return async () => {
			this.#network = await network;
		};
	}

	/** To be called at each sweep. */
	async sweep(): Promise<void> {
		const { enforcer, reachability, requestScan } = this.#dependencies;
		const mark = await this.#changesMark();
		this.#sweeps += 1;
		const isQuiet = mark !== undefined && mark === this.#sweptMark && (await this.#isNetworkSame());
		this.#sweptMark = mark;
		if (!isQuiet || !(await enforcer.renew())) {
			enforcer.invalidate();
			requestScan();
		}
		if (isQuiet) {
			return;
		}
		this.#readings += 1;
		// Where changes are not counted, this is every minute, and for sessions alone.
		if (mark !== undefined || enforcer.openings.length > 0) {
			reachability.rulesChanged();
		}
	}

	/**
	 * The same as long as nobody else has changed nf_tables, by the kernel's count, or the ways to this host, and no sweep had a reason
	 * to read the rules; undefined where that cannot be known.
	 */
	async mark(): Promise<string | undefined> {
		const mark = await this.#changesMark();
		return mark && `${mark} ${this.#readings}`;
	}

	async #changesMark(): Promise<string | undefined> {
		const others = await this.#dependencies.othersMark();
		return others === undefined ? undefined : `${others} ${this.#dependencies.ways()}`;
	}

	/** As far as it is compared: by the first sweep, since a host that was just started may not have come to rest, and by few others. */
	async #isNetworkSame(): Promise<boolean> {
		if (this.#sweeps % SWEEPS_PER_READING === 0) {
			return false;
		}
		if (this.#sweeps % SWEEPS_PER_COMPARISON !== 1) {
			return true;
		}
		const { network, rules } = this.#dependencies;
		const before = this.#network;
		this.#network = await network();
		return before !== undefined && before === this.#network && rules.holds();
	}
}
