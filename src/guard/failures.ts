/** What keeps the guard from its work, the kernel's tables or the firewall: shown in the status, logged once, retried. */

import { FirewallError } from "../firewall/errors.js";
import { messageOf } from "../system/errors.js";
import type { TimerGroup } from "../system/timer-group.js";
import type { GuardLog } from "./report/events.js";
import type { Problems } from "./report/problems.js";

/** Delays before a failed firewall is tried again; the last one repeats. */
const RETRY_MS = [100, 500, 2000, 10_000] as const;

export interface FailuresDependencies {
	readonly problems: Problems;
	readonly log: GuardLog;
	readonly timers: TimerGroup;
	readonly retry: () => void;
}

export class Failures {
	readonly #dependencies: FailuresDependencies;
	#kernelFailure: unknown;
	#firewallFailure: unknown;
	/** Consecutive ones of the firewall. */
	#count = 0;
	#cancelRetry: () => void = () => undefined;

	constructor(dependencies: FailuresDependencies) {
		this.#dependencies = dependencies;
	}

	get firewallWorks(): boolean {
		return this.#count === 0;
	}

	/** Why the firewall does not work; undefined while it does. */
	get firewallFailure(): string | undefined {
		return this.firewallWorks ? undefined : messageOf(this.#firewallFailure);
	}

	kernelRead(): void {
		this.#kernelFailure = undefined;
		this.#dependencies.problems.clear("kernel-unreadable");
	}

	/** Needs no retry: every event and every sweep reads anew. */
	kernelUnreadable(error: unknown): void {
		const { problems, log } = this.#dependencies;
		const cause = messageOf(error);
		problems.set("kernel-unreadable", `Sockets or processes cannot be read: ${cause}`);
		if (!isSame(this.#kernelFailure, cause)) {
			log("kernel.unreadable", { cause });
		}
		this.#kernelFailure = error;
	}

	firewallWorked(): void {
		const { problems, log } = this.#dependencies;
		this.#cancelRetry();
		if (this.#count > 0) {
			log("firewall.recovered");
		}
		this.#count = 0;
		this.#firewallFailure = undefined;
		problems.clear("firewall-failed");
	}

	firewallFailed(failure: unknown): void {
		const { problems, log, timers, retry } = this.#dependencies;
		const cause = messageOf(failure);
		// One retry is enough, however many events have failed meanwhile.
		this.#cancelRetry();
		const delay = RETRY_MS[Math.min(this.#count++, RETRY_MS.length - 1)] as number;
		this.#cancelRetry = timers.after(delay, retry);
		problems.set("firewall-failed", `The firewall failed: ${cause}`);
		const code = failure instanceof FirewallError ? failure.code : undefined;
		if (!isSame(this.#firewallFailure, cause)) {
			log("firewall.failed", { code, cause });
		}
		this.#firewallFailure = failure;
	}

	/** @throws what kept the last step from its work */
	throwLast(): void {
		const last = this.#kernelFailure ?? this.#firewallFailure;
		if (last !== undefined) {
			throw last;
		}
	}
}

/** A failure that repeats is logged once. */
function isSame(last: unknown, cause: string): boolean {
	return last !== undefined && messageOf(last) === cause;
}
