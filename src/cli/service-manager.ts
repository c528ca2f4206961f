/**
 * What the daemon tells systemd (sd_notify(3)): that it is ready, that it is alive, how it goes.
 * Node has no unix datagram sockets, so `systemd-notify` speaks for us: 5 ms of another process, about once a minute. It ends
 * only when systemd has read the message, which could not be told to be ours any more after that.
 */

import { execFile } from "node:child_process";

const SYSTEMD_NOTIFY = "/usr/bin/systemd-notify";
/** A systemd too busy to read must not hold up the guard. */
const TIMEOUT_MS = 5000;

export class ServiceManager {
	readonly #look: () => Promise<string>;
	readonly #environment: NodeJS.ProcessEnv;
	readonly #command: string;
	#timer: NodeJS.Timeout | undefined;

	/** `look`: resolves, after real work, with one line about how it goes. Without NOTIFY_SOCKET nothing is ever said. */
	constructor(look: () => Promise<string>, environment = process.env, command = SYSTEMD_NOTIFY) {
		this.#look = look;
		this.#environment = environment;
		this.#command = command;
	}

	/** From now on signs of life follow, when systemd waits for them. */
	async ready(): Promise<void> {
		await this.#tell("READY=1", `STATUS=${await this.#look()}`);
		const interval = watchdogIntervalMs(this.#environment);
		if (interval === undefined) return;
		this.#timer = setInterval(() => {
			// A look that never ends gives no sign of life; then systemd starts the guard anew.
			void this.#look().then((line) => this.#tell("WATCHDOG=1", `STATUS=${line}`));
		}, interval);
	}

	async stopping(): Promise<void> {
		clearInterval(this.#timer);
		await this.#tell("STOPPING=1", "STATUS=closing the ports");
	}

	/** Never rejects: the guard's work does not depend on who hears of it. */
	#tell(...notifications: readonly string[]): Promise<void> {
		const { NOTIFY_SOCKET } = this.#environment;
		if (NOTIFY_SOCKET === undefined) return Promise.resolve();
		return new Promise((resolve) => {
			const options = { env: { NOTIFY_SOCKET }, timeout: TIMEOUT_MS };
			execFile(this.#command, [`--pid=${process.pid}`, ...notifications], options, () => resolve());
		});
	}
}

/** Half of what systemd waits for (sd_watchdog_enabled(3)); undefined when it does not wait for this process. */
export function watchdogIntervalMs(environment: NodeJS.ProcessEnv, pid = process.pid): number | undefined {
	const { WATCHDOG_USEC, WATCHDOG_PID } = environment;
	if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== pid) return undefined;
	const microseconds = Number(WATCHDOG_USEC);
	return microseconds > 0 ? microseconds / 2000 : undefined;
}
