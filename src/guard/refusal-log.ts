/** A line for each refusal; for one that a login's first moments may explain only if it still holds after them. */

import type { GuardLog } from "./events.js";
import type { UdpSocket } from "./kernel/sockets.js";
import type { Timers } from "./schedule.js";
import type { Refusal } from "./sessions/refusals.js";

/**
 * Milliseconds. A server that counts by its report alone is seen before it reports, and after a restart of the guard reports
 * again within seconds (`RECONNECT_MS` in wire/client.ts); one that leaves the foreground shares its socket with its parent for
 * some milliseconds.
 */
const GRACE_MS: Partial<Record<Refusal["code"], number>> = { "needs-report": 10_000, "many-holders": 1000 };

export interface RefusalLogParts {
	readonly log: GuardLog;
	readonly timers: Timers;
	/** As it is now. */
	readonly refusalOf: (socket: UdpSocket) => Refusal | undefined;
}

export class RefusalLog {
	readonly #parts: RefusalLogParts;

	constructor(parts: RefusalLogParts) {
		this.#parts = parts;
	}

	tell(socket: UdpSocket, refusal: Refusal): void {
		const { log, timers, refusalOf } = this.#parts;
		const tell = () => log("port.refused", { ...socket, ...refusal });
		const grace = GRACE_MS[refusal.code];
		if (grace === undefined) tell();
		else timers.after(grace, () => refusalOf(socket)?.code === refusal.code && tell());
	}
}
