/**
 * Detects that a different firewall is in force than the one the guard controls (`ufw disable`, then firewalld). The guard then
 * ends, which clears its rules from the old one, and uses the new one after its restart: switching is rare, and a restart is cheap.
 *
 * It looks when others have changed rules, and once a minute unless it is known that nobody has. What comes shuts the ports of
 * sessions: it counts as soon as no change follows, without a second look. What goes shuts nothing, and mostly comes back (a reload, a
 * restart), for which the guard is not to end: it is said at once, and counts when it stays away.
 */

import type { Clock } from "../system/clock.js";
import { messageOf } from "../system/errors.js";

/** A look reads each firewall once (20 ms of commands). */
const LOOK_MS = 60_000;
/** Of what changed between the choice and the start nobody tells, so the first comes sooner. */
const FIRST_LOOK_MS = 5000;
/** For so long nothing may have changed: between the stop of a firewall and its start, as in a restart, none is in force. */
const GONE_MS = 3000;
/** The same where something has come: a program that loads its rules reports every 100 ms. */
const STILL_MS = 450;
/** On a host that is busy, programs pause for longer too, and take longer from a stop to a start: for so many looks. */
const STILL_LOOKS = 3;
const GONE_LOOKS = 10;
/** After a look that was in vain; each further one waits twice as long, up to `LOOK_MS`. */
const RETRY_MS = 500;
/** Counts all the same where rules never stand still. */
const LASTING_MS = 30_000;
/** Changes come in bursts; a look in the middle of one is in vain, unless it does not end. */
const SETTLE_MS = 150;
const BURST_MS = 2000;
/** Where rules change all the time, looking at them may use about this share of the time. */
const SHARE = 1 / 10;
/** Looks may exceed it by so much pause: what loads rules in several steps leads to several looks. */
const AHEAD_MS = 4000;
/** A host that is busy takes long for a look, and is not to wait ten times as long for the next. */
const PAUSE_MAX_MS = 2000;

/** What is in force. */
export interface InForce {
	/** Of several, joined by `+`. */
	readonly name: string;
	/** Some tool failed: what it would have shown is not known. */
	readonly incomplete: boolean;
}

export interface FirewallSwitchOptions {
	/** Name of the firewall that the guard controls; of several, joined by `+`. */
	readonly controlled: string;
	readonly find: () => Promise<InForce>;
	/** Less than what is controlled is in force, as found first. */
	readonly gone: (name: string) => void;
	/** A look failed: nothing is changed, the next one follows. */
	readonly failed: (cause: string) => void;
	/** The same as long as there is no reason to think that what is in force may be another; undefined where that is not known. */
	readonly rulesMark?: () => Promise<string | undefined>;
	readonly clock: Clock;
}

interface Other {
	readonly name: string;
	/** When it was found first. */
	readonly since: number;
	/** When the last change was told of before it was found; when it was found where none was. */
	stillSince: number;
	/** How many changes had been told of by then. */
	changes: number;
	/** By a change: one that follows will be told of too. */
	isTold: boolean;
}

export class FirewallSwitch {
	/** Resolves with the name of the other firewall. */
	readonly came: Promise<string>;
	readonly #options: FirewallSwitchOptions;
	#resolve: (name: string) => void = () => undefined;
	#timer: NodeJS.Timeout | undefined;
	#running = false;
	#looking = false;
	/** Of the rules before the last look that nothing but time caused. */
	#mark: string | undefined;
	#changes = 0;
	/** When the first change came that no look has followed. */
	#changedAt: number | undefined;
	/** When the last change came. */
	#lastChangeAt = Number.NEGATIVE_INFINITY;
	#retryMs = RETRY_MS;
	/** Of the last look; one that repeats is said once. */
	#failure: string | undefined;
	/** What was found last, if it is another. */
	#other: Other | undefined;
	#lookMs = 0;
	/** When the pauses after all looks are over. */
	#pausedUntil = Number.NEGATIVE_INFINITY;

	constructor(options: FirewallSwitchOptions) {
		this.#options = options;
		this.came = new Promise((resolve) => {
			this.#resolve = resolve;
		});
	}

	start(): void {
		this.#running = true;
		this.#in(FIRST_LOOK_MS, () => void this.#lookUnlessQuiet());
	}

	stop(): void {
		this.#running = false;
		clearTimeout(this.#timer);
	}

	/** Others have changed rules: looks when they pause. */
	rulesChanged(): void {
		const now = this.#options.clock.now();
		this.#changes++;
		this.#changedAt ??= now;
		this.#lastChangeAt = now;
		this.#retryMs = RETRY_MS;
		if (!this.#looking) {
			this.#lookSoon();
		}
	}

	/** Looks now, or after the look under way. */
	async look(): Promise<void> {
		if (this.#looking) {
			this.#changes++;
			return;
		}
		this.#looking = true;
		const isTold = this.#changedAt !== undefined;
		this.#changedAt = undefined;
		const changes = this.#changes;
		try {
			const { name, incomplete } = await this.#find();
			this.#failure = undefined;
			this.#compare(name, { changes, isTold });
			this.#next(incomplete);
		} catch (error) {
			this.#fail(messageOf(error));
			this.#next(true);
		} finally {
			this.#looking = false;
			if (changes !== this.#changes) {
				this.#lookSoon();
			}
		}
	}

	/** Not where nobody has changed rules since the last look: what is in force shows in rules. */
	async #lookUnlessQuiet(): Promise<void> {
		const changes = this.#changes;
		const mark = await this.#options.rulesMark?.();
		if (changes !== this.#changes) {
			return;
		}
		if (mark !== undefined && mark === this.#mark) {
			this.#in(LOOK_MS, () => void this.#lookUnlessQuiet());
			return;
		}
		this.#mark = mark;
		await this.look();
	}

	#fail(cause: string): void {
		if (this.#failure !== cause) {
			this.#failure = cause;
			this.#options.failed(cause);
		}
	}

	async #find(): Promise<InForce> {
		const { find, clock } = this.#options;
		const began = clock.now();
		const found = await find();
		const at = clock.now();
		this.#lookMs = at - began;
		this.#pausedUntil = Math.max(this.#pausedUntil, at) + Math.min(this.#lookMs / SHARE, PAUSE_MAX_MS);
		return found;
	}

	#compare(name: string, { changes, isTold }: { readonly changes: number; readonly isTold: boolean }): void {
		const { controlled, gone, clock } = this.#options;
		if (name === controlled) {
			this.#other = undefined;
			return;
		}
		const now = clock.now();
		const stillSince = isTold ? this.#lastChangeAt : now;
		if (this.#other?.name !== name) {
			this.#other = { name, since: now, stillSince, changes, isTold };
			if (isPart(name, controlled)) {
				gone(name);
			}
			return;
		}
		if (this.#other.changes !== changes) {
			Object.assign(this.#other, { stillSince, changes, isTold });
		}
		// A change during the look may be the old one that comes back.
		const isStill = changes === this.#changes || now - this.#other.since >= LASTING_MS;
		if (isStill && this.#untilSure(this.#other) <= 0) {
			this.#resolve(name);
		}
	}

	/** What follows a look unless rules change. */
	#next(inVain: boolean): void {
		const other = this.#other;
		const retryMs = inVain ? this.#retryMs : LOOK_MS;
		this.#retryMs = inVain ? Math.min(2 * retryMs, LOOK_MS) : RETRY_MS;
		if (other === undefined) {
			this.#in(retryMs, () => void (inVain ? this.look() : this.#lookUnlessQuiet()));
			return;
		}
		const ms = Math.max(0, this.#untilSure(other));
		if (!inVain && other.isTold && !isPart(other.name, this.#options.controlled)) {
			this.#in(ms, () => this.#resolve(other.name));
		} else {
			this.#lookIn(Math.min(ms, retryMs));
		}
	}

	/** Milliseconds. */
	#untilSure({ name, since, stillSince }: Other): number {
		const now = this.#options.clock.now();
		const isGone = isPart(name, this.#options.controlled);
		const stillMs = isGone
			? Math.max(GONE_MS, GONE_LOOKS * this.#lookMs)
			: Math.max(STILL_MS, STILL_LOOKS * this.#lookMs);
		return Math.min(stillSince + stillMs, since + LASTING_MS) - now;
	}

	#lookSoon(): void {
		const now = this.#options.clock.now();
		const burstEnds = (this.#changedAt ?? now) + BURST_MS;
		const settledIn = Math.min(SETTLE_MS, Math.max(0, burstEnds - now));
		this.#lookIn(Math.max(settledIn, this.#pausedUntil - AHEAD_MS - now));
	}

	#lookIn(ms: number): void {
		this.#in(ms, () => void this.look());
	}

	/** Instead of what was to happen next. */
	#in(ms: number, act: () => void): void {
		clearTimeout(this.#timer);
		if (this.#running) {
			this.#timer = setTimeout(act, ms);
		}
	}
}

/** Whether all of `found` is controlled already: nothing has come. */
function isPart(found: string, controlled: string): boolean {
	const known = new Set(controlled.split(" + "));
	return found === "none" || found.split(" + ").every((name) => known.has(name));
}
