/** When second holders are looked for, and which sessions lose their port for them. */

import type { Clock } from "../../system/clock.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { isIdentity } from "./identity.js";
import type { Refusal } from "./refusals.js";
import type { HeldSocket, SecondHolders } from "./second-holders.js";
import type { Session } from "./tracker.js";

/** After a port was opened: by then its server has left the foreground and started the user's shell. */
const AFTER_OPENING_MS = 1000;
/** Users can open ports for nothing; a search among very many descriptors takes 0.3 s. */
const BETWEEN_SEARCHES_MS = 10_000;
/** Between fork and exec a server's child holds its socket too. Seen twice this far apart it is no such moment. */
const TO_BE_SURE_MS = 300;

const SHARED: Refusal = { code: "many-holders", detail: "another process has the socket open" };
const UNTOLD: Refusal = {
	code: "many-holders",
	detail: "the user has too many processes or descriptors to search for other holders",
};

export interface WatchParts {
	readonly find: (sockets: readonly HeldSocket[]) => Promise<SecondHolders>;
	readonly sessions: () => readonly Session[];
	/** Resolves when every holder has been looked for anew: the server may be another process by now. */
	readonly identifyAgain: () => Promise<void>;
	/** `refusalOf` has other answers. */
	readonly changed: () => void;
	readonly failed: (error: unknown) => void;
	readonly timers: { after(delayMs: number, action: () => void): unknown };
	readonly clock: Clock;
}

export class SecondHolderWatch {
	readonly #parts: WatchParts;
	#known: SecondHolders = { shared: new Set(), untold: new Set() };
	#planned = false;
	#searching = false;
	#searchedAt = Number.NEGATIVE_INFINITY;

	constructor(parts: WatchParts) {
		this.#parts = parts;
	}

	refusalOf({ inode, uid }: UdpSocket): Refusal | undefined {
		if (this.#known.shared.has(inode)) return SHARED;
		return this.#known.untold.has(uid) ? UNTOLD : undefined;
	}

	/** A port was opened. */
	soon(): void {
		if (this.#planned) return;
		this.#planned = true;
		const { timers, clock } = this.#parts;
		const rest = this.#searchedAt + BETWEEN_SEARCHES_MS - clock.now();
		timers.after(Math.max(AFTER_OPENING_MS, rest), () => {
			this.#planned = false;
			void this.search();
		});
	}

	/** One at a time: whoever asks while one is under way gets another one soon. */
	async search(): Promise<void> {
		if (this.#searching) return this.soon();
		this.#searching = true;
		this.#searchedAt = this.#parts.clock.now();
		try {
			this.#learn(await this.#searchTwice());
		} catch (error) {
			// What was known stays.
			this.#parts.failed(error);
		} finally {
			this.#searching = false;
		}
	}

	async #searchTwice(): Promise<SecondHolders> {
		const { find, identifyAgain } = this.#parts;
		const first = await find(this.#sockets());
		if (first.shared.size === 0) return first;
		await identifyAgain();
		await new Promise((resolve) => setTimeout(resolve, TO_BE_SURE_MS));
		const { shared } = await find(this.#sockets().filter(({ inode }) => first.shared.has(inode)));
		return { shared, untold: first.untold };
	}

	/** Also those that are refused: else they would be allowed again, until the next search. */
	#sockets(): HeldSocket[] {
		return this.#parts.sessions().flatMap(({ socket: { inode, uid }, holder }) => {
			return isIdentity(holder) ? [{ inode, uid, pid: holder.pid }] : [];
		});
	}

	#learn(found: SecondHolders): void {
		const before = this.#known;
		this.#known = found;
		if (!same(found.shared, before.shared) || !same(found.untold, before.untold)) this.#parts.changed();
	}
}

function same(one: ReadonlySet<number>, two: ReadonlySet<number>): boolean {
	return one.size === two.size && [...one].every((member) => two.has(member));
}
