/**
 * Has a guard that hangs killed, so that its supervisor closes its ports and restarts it. A small child process is told of each
 * completed scan and kills the guard when these stop; it works without systemd.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ownScript } from "./own-command.js";

/** Next to this program if it is installed, in hooks/ of a checkout. */
export function watchdogProgram(program = ownScript() ?? process.execPath): string {
	const folder = dirname(program);
	const installed = join(folder, "watchdog");
	return existsSync(installed) ? installed : join(folder, "../hooks/watchdog");
}

/** The slowest regular scan, with a firewall command that hangs until its time limit, takes 20 s. */
const TIMEOUT_S = 90;
const INTERVAL_MS = 30_000;
const RESTART_MS = 1000;

export interface WatchdogOptions {
	/** Kills its parent when it reads nothing for as many seconds as its argument says. */
	readonly program: string;
	/** Resolves after a scan. */
	readonly work: () => Promise<unknown>;
	readonly failed: (cause: unknown) => void;
	readonly timeoutSeconds?: number;
	readonly intervalMs?: number;
}

export class Watchdog {
	readonly #options: WatchdogOptions;
	#child: ChildProcess | undefined;
	#timer: NodeJS.Timeout | undefined;
	#restart: NodeJS.Timeout | undefined;

	constructor(options: WatchdogOptions) {
		this.#options = options;
	}

	start(): void {
		const { work, intervalMs = INTERVAL_MS } = this.#options;
		this.#startProgram();
		// If the scan never ends, nothing is written.
		this.#timer = setInterval(() => void work().then(() => this.#child?.stdin?.write(".")), intervalMs);
	}

	stop(): void {
		clearInterval(this.#timer);
		clearTimeout(this.#restart);
		const child = this.#child;
		this.#child = undefined;
		child?.stdin?.end();
	}

	#startProgram(): void {
		const { program, failed, timeoutSeconds = TIMEOUT_S } = this.#options;
		const child = spawn(program, [String(timeoutSeconds)], {
			cwd: "/",
			env: {},
			// Signals from a terminal do not reach it. It ends with the guard, which holds the other end of its input.
			detached: true,
			stdio: ["pipe", "ignore", "ignore"],
		});
		this.#child = child;
		const lost = (cause: unknown) => {
			if (this.#child !== child) {
				return;
			}
			this.#child = undefined;
			failed(cause);
			this.#restart = setTimeout(() => this.#startProgram(), RESTART_MS);
		};
		child.on("error", lost);
		child.on("exit", (code, signal) => lost(new Error(`it exited with ${signal ?? code}`)));
		child.stdin?.on("error", () => undefined);
	}
}
