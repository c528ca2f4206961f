/** What keeps the guard from its work, the kernel's tables or the firewall: shown in the status, told once, tried again. */

import { FirewallError } from "../firewall/errors.js";
import { messageOf } from "../system/errors.js";
import type { TimerGroup } from "../system/timer-group.js";
import type { GuardLog } from "./report/events.js";
import type { Problems } from "./report/problems.js";

/** After a firewall's failure; longer each time. */
const RETRY_MS = [100, 500, 2000, 10_000] as const;

export interface SetbackParts {
	readonly problems: Problems;
	readonly log: GuardLog;
	readonly timers: TimerGroup;
	readonly retry: () => void;
}

export class Failures {
	readonly #parts: SetbackParts;
	#blindness: unknown;
	#failure: unknown;
	#failures = 0;
	#callOffRetry: () => void = () => undefined;

	constructor(parts: SetbackParts) {
		this.#parts = parts;
	}

	get firewallWorks(): boolean {
		return this.#failures === 0;
	}

	kernelRead(): void {
		this.#blindness = undefined;
		this.#parts.problems.clear("kernel-unreadable");
	}

	/** Not tried again by itself: every event and every sweep reads anew. */
	kernelUnreadable(error: unknown): void {
		const { problems, log } = this.#parts;
		const cause = messageOf(error);
		problems.set("kernel-unreadable", `Sockets or processes cannot be read: ${cause}`);
		if (!isSame(this.#blindness, cause)) log("kernel.unreadable", { cause });
		this.#blindness = error;
	}

	firewallObeyed(): void {
		const { problems, log } = this.#parts;
		this.#callOffRetry();
		if (this.#failures > 0) log("firewall.recovered");
		this.#failures = 0;
		this.#failure = undefined;
		problems.clear("firewall-failed");
	}

	firewallFailed(failure: unknown): void {
		const { problems, log, timers, retry } = this.#parts;
		const cause = messageOf(failure);
		// One is enough, however many events were tried in vain meanwhile.
		this.#callOffRetry();
		const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] as number;
		this.#callOffRetry = timers.after(wait, retry);
		problems.set("firewall-failed", `The firewall failed: ${cause}`);
		const code = failure instanceof FirewallError ? failure.code : undefined;
		if (!isSame(this.#failure, cause)) log("firewall.failed", { code, cause });
		this.#failure = failure;
	}

	/** Throws what the last look met. */
	throwLast(): void {
		const last = this.#blindness ?? this.#failure;
		if (last !== undefined) throw last;
	}
}

/** What stays as it was is not worth another line. */
function isSame(last: unknown, cause: string): boolean {
	return last !== undefined && messageOf(last) === cause;
}
