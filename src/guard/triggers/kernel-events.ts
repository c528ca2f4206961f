/** What wakes the guard besides reports: ptys that come and go, sockets that are destroyed, and time. */

import { watch } from "node:fs";
import type { Commands, Follower } from "../../system/commands.js";
import type { PortRange } from "../kernel/udp-socket.js";

/** Something that says "look now", until stopped. Its word is a hint: the guard reads the kernel's tables itself. */
export interface Trigger {
	readonly name: string;
	/** What happened may not have had all its effect yet: look several times. */
	readonly early: boolean;
	/**
	 * `woken` is told the port where something happened, if that is known. `failed` is called when the trigger cannot work
	 * (again): the slow sweep is then all there is.
	 */
	start(woken: (port?: number) => void, failed: (cause: unknown) => void): void;
	stop(): Promise<void>;
}

/**
 * Events that are heard in a row. libuv takes them as long as there are any, and nothing else happens meanwhile: two processes
 * that open and close ptys for ever made the guard mute for as long as they went on.
 */
const EVENTS_IN_A_ROW = 32;
/** Then nothing is heard for so long, and one look makes up for it. It is also how long a row may take. */
const REST_MS = 20;

/** Every mosh-server opens a pty right after its port and loses it with its end, even by SIGKILL: inotify tells. */
export class PtyTrigger implements Trigger {
	readonly name = "pty";
	readonly early = true;
	readonly #folder: string;
	#watcher: ReturnType<typeof watch> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#heard = 0;

	constructor(folder = "/dev/pts") {
		this.#folder = folder;
	}

	start(woken: () => void, failed: (cause: unknown) => void): void {
		this.#heard = 0;
		try {
			// "rename" is a file that came or went; "change" is output written to a terminal.
			const watcher = watch(this.#folder, (event) => {
				if (this.#watcher !== watcher) return;
				if (event === "rename") woken();
				this.#rest(woken, failed);
			});
			watcher.on("error", failed);
			this.#watcher = watcher;
		} catch (cause) {
			failed(cause);
		}
	}

	async stop(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	#rest(woken: () => void, failed: (cause: unknown) => void): void {
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.#heard = 0;
			if (this.#watcher !== undefined) return;
			this.start(woken, failed);
			woken();
		}, REST_MS);
		if (++this.#heard < EVENTS_IN_A_ROW) return;
		this.#watcher?.close();
		this.#watcher = undefined;
	}
}

/** After `ss` ended unasked; longer each time, up to the last. */
const RESTART_MS = [100, 1000, 10_000, 60_000] as const;
/** A stream that lasted this long was healthy: the next restart is quick again. */
const HEALTHY_MS = 60_000;
/**
 * While there is no stream the guard looks this often: a flood of socket ends, which any user can make, ends `ss` for want of
 * buffers, and the end of another's session must not go unnoticed for longer. 3 ms of CPU each.
 */
const POLL_MS = 150;

/**
 * The kernel's stream of destroyed UDP sockets (`ss -E`), 0.2 ms after each close or later. `ss` passes on only those of the
 * range. One whose pty has already told of its end, and whose port was found free, does not wake.
 */
export class SocketDestroyTrigger implements Trigger {
	readonly name = "socket-destroy";
	readonly early = false;
	readonly #commands: Pick<Commands, "follow">;
	readonly #range: () => PortRange;
	readonly #concerns: (port: number) => boolean;
	#follower: Follower | undefined;
	#timer: NodeJS.Timeout | undefined;
	#poll: NodeJS.Timeout | undefined;
	#stopped = true;
	#failures = 0;

	/** `range`: asked at each start. */
	constructor(
		commands: Pick<Commands, "follow">,
		range: () => PortRange,
		concerns: (port: number) => boolean,
	) {
		this.#commands = commands;
		this.#range = range;
		this.#concerns = concerns;
	}

	start(woken: (port?: number) => void, failed: (cause: unknown) => void): void {
		this.#stopped = false;
		void this.#follow(woken, failed);
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		clearTimeout(this.#timer);
		clearInterval(this.#poll);
		const follower = this.#follower;
		this.#follower = undefined;
		await follower?.stop();
	}

	async #follow(woken: (port?: number) => void, failed: (cause: unknown) => void): Promise<void> {
		const startedAt = performance.now();
		const again = (cause: unknown) => {
			this.#follower = undefined;
			if (this.#stopped) return;
			failed(cause);
			if (performance.now() - startedAt > HEALTHY_MS) this.#failures = 0;
			const wait = RESTART_MS[Math.min(this.#failures++, RESTART_MS.length - 1)];
			this.#timer = setTimeout(() => void this.#follow(woken, failed), wait);
			clearInterval(this.#poll);
			this.#poll = setInterval(() => woken(), POLL_MS);
		};
		try {
			const { first, last } = this.#range();
			// stdbuf: ss holds its lines back when it does not write to a terminal.
			const follower = await this.#commands.follow(
				"stdbuf",
				["-oL", "ss", "-E", "-u", "-n", "-H", `sport >= :${first} and sport <= :${last}`],
				(line) => {
					const port = destroyedPort(line);
					if (this.#concerns(port)) woken(port);
				},
				() => again(new Error("ss -E ended")),
			);
			clearInterval(this.#poll);
			if (this.#stopped) await follower.stop();
			else this.#follower = follower;
		} catch (cause) {
			again(cause);
		}
	}
}

/** The local port in a line of `ss -E -u -n -H` (`0 -1 127.0.0.1:61001 0.0.0.0:*`); NaN when there is none. */
export function destroyedPort(line: string): number {
	const local = line.trim().split(/\s+/).at(-2) ?? "";
	return Number.parseInt(/:(\d+)$/.exec(local)?.[1] ?? "", 10);
}
