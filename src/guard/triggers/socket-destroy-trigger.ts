/**
 * Tells when a UDP socket of the range is destroyed, by the kernel's messages of such events; where they cannot be heard, `ss -E`
 * prints them.
 */

import type { Commands } from "../../system/commands.js";
import { type Netlink, unlessRefused } from "../../system/netlink.js";
import { hearSocketEnds } from "../kernel/socket-ends.js";
import type { GuardedRange } from "../kernel/udp-socket.js";
import type { OnEvent, Trigger } from "./trigger.js";

/** Delays before `ss` is restarted after it ended by itself; the last one repeats. */
const RESTART_MS = [100, 1000, 10_000, 60_000] as const;
/** A stream that lasted this long was healthy: delays begin with the first again. */
const HEALTHY_MS = 60_000;
/**
 * Events are simulated at this pace while there is no stream: a flood of destroyed sockets, which any user can cause, makes
 * `ss` run out of buffers and exit, and the end of another user's session must not go unnoticed for longer. A scan takes 3 ms
 * of CPU.
 */
const POLL_MS = 150;

/** Told the port, or undefined where any number of sockets may have ended. */
type OnEnd = (port: number | undefined) => void;

/**
 * An event comes 0.2 ms after the close or later, and only for a port that is known to be bound: usually the pty has already
 * told of the end.
 */
export class SocketDestroyTrigger implements Trigger {
	readonly name = "socket-destroy";
	readonly early = false;
	readonly #commands: Pick<Commands, "follow">;
	readonly #range: () => GuardedRange;
	readonly #isBound: (port: number) => boolean;
	readonly #netlink: Netlink | undefined;
	#isHeard = false;
	#end: (() => Promise<void> | void) | undefined;
	#timer: NodeJS.Timeout | undefined;
	#poll: NodeJS.Timeout | undefined;
	#stopped = true;
	#restarts = 0;

	/**
	 * @param range called at each start of `ss`
	 * @param isBound whether a socket on the port is known
	 * @param netlink undefined where there is only `ss`
	 */
	constructor(
		commands: Pick<Commands, "follow">,
		range: () => GuardedRange,
		isBound: (port: number) => boolean,
		netlink?: Netlink,
	) {
		this.#commands = commands;
		this.#range = range;
		this.#isBound = isBound;
		this.#netlink = netlink;
	}

	/** The kernel tells of each socket that ends, or that it had no room to tell. */
	get isHeard(): boolean {
		return this.#isHeard;
	}

	start(onEvent: OnEvent, onFailure: (cause: unknown) => void): void {
		this.#stopped = false;
		const onEnd: OnEnd = (port) => {
			if (port === undefined || this.#isBound(port)) {
				onEvent(port);
			}
		};
		void this.#begin(onEnd, onFailure);
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		this.#isHeard = false;
		clearTimeout(this.#timer);
		clearInterval(this.#poll);
		const end = this.#end;
		this.#end = undefined;
		await end?.();
	}

	async #begin(onEnd: OnEnd, onFailure: (cause: unknown) => void): Promise<void> {
		const end = this.#netlink && (await unlessRefused(hearSocketEnds(this.#netlink, onEnd), undefined));
		if (end === undefined) {
			await this.#follow(onEnd, onFailure);
		} else {
			this.#isHeard = !this.#stopped;
			await this.#began(end);
		}
	}

	async #follow(onEnd: OnEnd, onFailure: (cause: unknown) => void): Promise<void> {
		const startedAt = performance.now();
		const restart = (cause: unknown) => {
			this.#end = undefined;
			if (this.#stopped) {
				return;
			}
			onFailure(cause);
			if (performance.now() - startedAt > HEALTHY_MS) {
				this.#restarts = 0;
			}
			const wait = RESTART_MS[Math.min(this.#restarts++, RESTART_MS.length - 1)];
			this.#timer = setTimeout(() => void this.#follow(onEnd, onFailure), wait);
			clearInterval(this.#poll);
			this.#poll = setInterval(() => onEnd(undefined), POLL_MS);
		};
		try {
			const { first, last } = this.#range();
			// stdbuf: ss buffers its lines when it does not write to a terminal.
			const follower = await this.#commands.follow(
				"stdbuf",
				["-oL", "ss", "-E", "-u", "-n", "-H", `sport >= :${first} and sport <= :${last}`],
				(line) => onEnd(destroyedPort(line)),
				() => restart(new Error("ss -E ended")),
			);
			clearInterval(this.#poll);
			await this.#began(() => follower.stop());
		} catch (cause) {
			restart(cause);
		}
	}

	async #began(end: () => Promise<void> | void): Promise<void> {
		if (this.#stopped) {
			await end();
		} else {
			this.#end = end;
		}
	}
}

/** The local port in a line of `ss -E -u -n -H` (`0 -1 127.0.0.1:61001 0.0.0.0:*`); NaN when there is none. */
export function destroyedPort(line: string): number {
	const local = line.trim().split(/\s+/).at(-2) ?? "";
	return Number.parseInt(/:(\d+)$/.exec(local)?.[1] ?? "", 10);
}
