/**
 * A guard that hangs is killed, so that whoever started it closes its ports and starts another. A small program beside it is
 * told of each completed look, and does it; it needs no systemd, and nothing of systemd's needs to listen to it.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ownScript } from "./own-command.js";

/** Beside this program where it is installed, in hooks/ of a checkout. */
export function watchdogProgram(program = ownScript() ?? process.execPath): string {
	const folder = dirname(program);
	const installed = join(folder, "watchdog");
	return existsSync(installed) ? installed : join(folder, "../hooks/watchdog");
}

/** The slowest honest look, at a firewall command that hangs until its time limit, takes 20 s. */
const PATIENCE_S = 90;
const INTERVAL_MS = 30_000;
const RESTART_MS = 1000;

export interface WatchdogOptions {
	/** The program that kills its parent: takes the seconds it waits. */
	readonly program: string;
	/** Resolves after real work. */
	readonly look: () => Promise<unknown>;
	readonly failed: (cause: unknown) => void;
	readonly patienceSeconds?: number;
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
		const { look, intervalMs = INTERVAL_MS } = this.#options;
		this.#watch();
		// A look that never ends gives no sign of life.
		this.#timer = setInterval(() => void look().then(() => this.#child?.stdin?.write(".")), intervalMs);
	}

	stop(): void {
		clearInterval(this.#timer);
		clearTimeout(this.#restart);
		const child = this.#child;
		this.#child = undefined;
		child?.stdin?.end();
	}

	#watch(): void {
		const { program, failed, patienceSeconds = PATIENCE_S } = this.#options;
		const child = spawn(program, [String(patienceSeconds)], {
			cwd: "/",
			env: {},
			// No terminal's signal reaches it: it ends with the guard, which holds the other end of its input.
			detached: true,
			stdio: ["pipe", "ignore", "ignore"],
		});
		this.#child = child;
		const lost = (cause: unknown) => {
			if (this.#child !== child) return;
			this.#child = undefined;
			failed(cause);
			this.#restart = setTimeout(() => this.#watch(), RESTART_MS);
		};
		child.on("error", lost);
		child.on("exit", (code, signal) => lost(new Error(`it exited with ${signal ?? code}`)));
		child.stdin?.on("error", () => undefined);
	}
}
