/** Decides when to search for second holders of sockets, and which sessions lose their port because of them. */

import type { Clock } from "../../system/clock.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { isIdentity } from "./identity.js";
import type { Refusal } from "./refusals.js";
import type { HeldSocket, SecondHolders } from "./second-holders.js";
import type { TrackedSession } from "./tracker.js";

/** After a port was opened: by then its server has moved to the background and started the user's shell. */
const AFTER_OPENING_MS = 1000;
/** Opening ports costs users nothing, and a search among very many descriptors takes 0.3 s. */
const MIN_INTERVAL_MS = 10_000;
/** Between fork and exec, a server's child holds its socket too. A second holder counts if it is found twice, this far apart. */
const CONFIRM_MS = 300;

const SHARED: Refusal = { code: "many-holders", detail: "another process has the socket open" };
const UNSEARCHABLE: Refusal = {
	code: "many-holders",
	detail: "the user has too many processes or descriptors to search for other holders",
};

export interface SecondHolderWatchDependencies {
	readonly find: (sockets: readonly HeldSocket[]) => Promise<SecondHolders>;
	readonly sessions: () => readonly TrackedSession[];
	/** Resolves when every holder has been searched for anew: the server may be another process by now. */
	readonly recheckHolders: () => Promise<void>;
	/** Called when the answers of `refusalOf` have changed. */
	readonly changed: () => void;
	readonly failed: (error: unknown) => void;
	readonly timers: { after(delayMs: number, action: () => void): unknown };
	readonly clock: Clock;
}

export class SecondHolderWatch {
	readonly #dependencies: SecondHolderWatchDependencies;
	#found: SecondHolders = { shared: new Set(), unsearchable: new Set() };
	#scheduled = false;
	#searching = false;
	#searchedAt = Number.NEGATIVE_INFINITY;

	constructor(dependencies: SecondHolderWatchDependencies) {
		this.#dependencies = dependencies;
	}

	refusalOf({ inode, uid }: UdpSocket): Refusal | undefined {
		if (this.#found.shared.has(inode)) {
			return SHARED;
		}
		return this.#found.unsearchable.has(uid) ? UNSEARCHABLE : undefined;
	}

	/** To be called after a port was opened. */
	soon(): void {
		if (this.#scheduled) {
			return;
		}
		this.#scheduled = true;
		const { timers, clock } = this.#dependencies;
		const wait = this.#searchedAt + MIN_INTERVAL_MS - clock.now();
		timers.after(Math.max(AFTER_OPENING_MS, wait), () => {
			this.#scheduled = false;
			void this.search();
		});
	}

	/** One search at a time; a call during a search schedules another one. */
	async search(): Promise<void> {
		if (this.#searching) {
			return this.soon();
		}
		this.#searching = true;
		this.#searchedAt = this.#dependencies.clock.now();
		try {
			this.#update(await this.#searchTwice());
		} catch (error) {
			// The previous result stays in effect.
			this.#dependencies.failed(error);
		} finally {
			this.#searching = false;
		}
	}

	async #searchTwice(): Promise<SecondHolders> {
		const { find, recheckHolders } = this.#dependencies;
		const first = await find(this.#sockets());
		if (first.shared.size === 0) {
			return first;
		}
		await recheckHolders();
		await new Promise((resolve) => setTimeout(resolve, CONFIRM_MS));
		const { shared } = await find(this.#sockets().filter(({ inode }) => first.shared.has(inode)));
		return { shared, unsearchable: first.unsearchable };
	}

	/** Refused ones too: otherwise they would be admitted again until the next search. */
	#sockets(): HeldSocket[] {
		return this.#dependencies.sessions().flatMap(({ socket: { inode, uid }, holder }) => {
			return isIdentity(holder) ? [{ inode, uid, pid: holder.pid }] : [];
		});
	}

	#update(found: SecondHolders): void {
		const before = this.#found;
		this.#found = found;
		if (!same(found.shared, before.shared) || !same(found.unsearchable, before.unsearchable)) {
			this.#dependencies.changed();
		}
	}
}

function same(one: ReadonlySet<number>, two: ReadonlySet<number>): boolean {
	return one.size === two.size && [...one].every((member) => two.has(member));
}
