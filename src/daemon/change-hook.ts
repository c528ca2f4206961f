/**
 * Runs the administrator's program that is told which ports are open (`hooks.on_change`), for a firewall that the guard cannot
 * control. It is told what the guard has done already; nothing in the guard waits for it or depends on it.
 *
 * It is told the difference between what is open and what it was told before: a port that opened and closed while the program
 * was running is omitted, so no queue can grow. `reset` comes first and last: ports told before, by a guard that crashed for
 * instance, are no longer open.
 */

import { spawn } from "node:child_process";
import type { Opening } from "../firewall/firewall.js";
import { openingKey } from "../firewall/opening.js";
import type { GuardLog } from "../guard/report/events.js";
import { messageOf } from "../system/errors.js";
import { unsafeReason } from "../system/ownership.js";

export interface OpenPort extends Opening {
	readonly uid: number;
}

/** `open` or `close` with family, address, port and uid of the socket, or `reset` alone. */
export type HookCall = readonly string[];

/** @throws why it failed */
export type HookRunner = (file: string, call: HookCall) => Promise<void>;

/** A call to a cloud API takes a second or two. Two calls may remain when the guard stops, and systemd waits 30 s for it. */
const TIMEOUT_MS = 10_000;
/** Characters from the end of its standard error, for the log. */
const MAX_ERROR_TEXT = 500;
/** Nothing is inherited from the guard. Wider than for the guard's own commands: an administrator's tools may be in /usr/local. */
const ENVIRONMENT = {
	PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	LC_ALL: "C.UTF-8",
};

export class ChangeHook {
	readonly #log: GuardLog;
	readonly #run: HookRunner;
	readonly #told = new Map<string, OpenPort>();
	#open = new Map<string, OpenPort>();
	#file = "";
	/** The next call is `reset`. */
	#needsReset = true;
	#started = false;
	#busy = false;
	#work: Promise<void> | undefined;

	constructor(log: GuardLog, run: HookRunner = runHook) {
		this.#log = log;
		this.#run = run;
	}

	/** Path of the program; empty for none. */
	set file(file: string) {
		if (file !== this.#file) {
			this.#needsReset = true;
		}
		this.#file = file;
		this.#tell();
	}

	get wanted(): boolean {
		return this.#started && this.#file !== "";
	}

	/** Nothing is told before. */
	start(): void {
		this.#started = true;
		this.#tell();
	}

	/** Takes everything that is open now. */
	see(open: readonly OpenPort[]): void {
		this.#open = new Map(open.map((port) => [`${openingKey(port)} ${port.uid}`, port]));
		this.#tell();
	}

	/**
	 * Resolves when the last call has ended.
	 * @param options.leaveOpen the ports stay open
	 */
	async stop({ leaveOpen = false } = {}): Promise<void> {
		if (!this.wanted) {
			return;
		}
		this.#open = leaveOpen ? new Map(this.#told) : new Map();
		if (!leaveOpen) {
			this.#needsReset = true;
		}
		this.#tell();
		this.#started = false;
		await this.#work;
	}

	#tell(): void {
		if (!this.wanted || this.#busy) {
			return;
		}
		this.#busy = true;
		// Later: starting a process takes milliseconds, and a login may wait for the step under way.
		this.#work = new Promise((resolve) => setImmediate(resolve)).then(() => this.#tellAll());
	}

	/** One call at a time. A failed call is not repeated: only the program knows whether that would help. */
	async #tellAll(): Promise<void> {
		for (let call = this.#next(); call !== undefined; call = this.#next()) {
			try {
				await this.#run(this.#file, call);
			} catch (error) {
				this.#log("hook.failed", { call: call.join(" "), cause: messageOf(error) });
			}
		}
		this.#busy = false;
	}

	#next(): HookCall | undefined {
		if (this.#file === "") {
			return undefined;
		}
		if (this.#needsReset) {
			this.#needsReset = false;
			this.#told.clear();
			return ["reset"];
		}
		for (const [key, port] of this.#open) {
			if (this.#told.has(key)) {
				continue;
			}
			this.#told.set(key, port);
			return callOf("open", port);
		}
		for (const [key, port] of this.#told) {
			if (this.#open.has(key)) {
				continue;
			}
			this.#told.delete(key);
			return callOf("close", port);
		}
		return undefined;
	}
}

function callOf(what: "open" | "close", { family, address, port, uid }: OpenPort): HookCall {
	return [what, family, address, String(port), String(uid)];
}

/**
 * Runs the program in a process group of its own, which is killed after `timeoutMs`.
 * @throws why it failed
 */
export async function runHook(file: string, call: HookCall, timeoutMs = TIMEOUT_MS): Promise<void> {
	const fault = unsafeReason(file);
	if (fault !== undefined) {
		throw new Error(`${file} ${fault}`);
	}
	const child = spawn(file, call, {
		cwd: "/",
		env: ENVIRONMENT,
		detached: true,
		stdio: ["ignore", "ignore", "pipe"],
	});
	const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
		child.on("error", reject);
		// Not "close": processes that it has left behind may hold its standard error open.
		child.once("exit", (code, signal) => resolve({ code, signal }));
	});
	let errorText = "";
	// Undefined if the process could not be started for lack of descriptors.
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		errorText = (errorText + text).slice(-MAX_ERROR_TEXT);
	});
	let timedOut = false;
	const timer = setTimeout(() => {
		timedOut = true;
		killGroup(child.pid);
	}, timeoutMs);
	try {
		const { code, signal } = await ended;
		if (timedOut) {
			throw new Error(`it did not finish within ${timeoutMs / 1000} s and was killed`);
		}
		if (code !== 0) {
			throw new Error(`it exited with ${signal ?? code}: ${errorText.trim()}`);
		}
	} finally {
		clearTimeout(timer);
		child.stderr?.destroy();
	}
}

function killGroup(leader: number | undefined): void {
	if (leader === undefined) {
		return;
	}
	try {
		process.kill(-leader, "SIGKILL");
	} catch {
		// It has just ended.
	}
}
