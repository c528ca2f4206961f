/**
 * The administrator's own program that is told which ports are open (`hooks.on_change`), for a firewall that the guard cannot
 * steer. It is told what the guard has done already; nothing the guard does waits for it or depends on it.
 *
 * What is told is the difference between what is open and what was told: a port that came and went while the program was busy
 * is left out, so that no queue can grow. `reset` comes first and last: whatever was open before the guard started, after a
 * crash for instance, is open no more.
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

/** Rejects with why it failed. */
export type HookRunner = (file: string, call: HookCall) => Promise<void>;

/** A call of a cloud's interface takes a second or two. Two calls may be left at the end, and systemd waits 30 s for that. */
const TIMEOUT_MS = 10_000;
/** Of what it says last on standard error, for the log. */
const MAX_WORDS = 500;
/** Nothing of the guard's own; wider than what the guard runs itself, since an administrator's program may be in /usr/local. */
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
	/** Whether the next call is `reset`. */
	#fresh = true;
	#started = false;
	#busy = false;
	#work: Promise<void> | undefined;

	constructor(log: GuardLog, run: HookRunner = runHook) {
		this.#log = log;
		this.#run = run;
	}

	/** Empty: none. */
	set file(file: string) {
		if (file !== this.#file) this.#fresh = true;
		this.#file = file;
		this.#tell();
	}

	get wanted(): boolean {
		return this.#started && this.#file !== "";
	}

	/** Before this nothing is told: not every command that can open ports stays to close them. */
	start(): void {
		this.#started = true;
		this.#tell();
	}

	/** All that is open now. */
	see(open: readonly OpenPort[]): void {
		this.#open = new Map(open.map((port) => [`${openingKey(port)} ${port.uid}`, port]));
		this.#tell();
	}

	/** Resolves when the last call has ended. `leaveOpen`: the ports stay open without a guard. */
	async stop({ leaveOpen = false } = {}): Promise<void> {
		if (!this.wanted) return;
		this.#open = leaveOpen ? new Map(this.#told) : new Map();
		if (!leaveOpen) this.#fresh = true;
		this.#tell();
		this.#started = false;
		await this.#work;
	}

	#tell(): void {
		if (!this.wanted || this.#busy) return;
		this.#busy = true;
		// Starting a process takes milliseconds, and a login may wait for the step that is under way.
		this.#work = new Promise((resolve) => setImmediate(resolve)).then(() => this.#tellAll());
	}

	/** One call at a time. What has failed is not repeated: only the program knows whether that would help. */
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
		if (this.#file === "") return undefined;
		if (this.#fresh) {
			this.#fresh = false;
			this.#told.clear();
			return ["reset"];
		}
		for (const [key, port] of this.#open) {
			if (this.#told.has(key)) continue;
			this.#told.set(key, port);
			return callOf("open", port);
		}
		for (const [key, port] of this.#told) {
			if (this.#open.has(key)) continue;
			this.#told.delete(key);
			return callOf("close", port);
		}
		return undefined;
	}
}

function callOf(what: "open" | "close", { family, address, port, uid }: OpenPort): HookCall {
	return [what, family, address, String(port), String(uid)];
}

/** Runs the program as root, in a process group of its own that ends with its time. */
export async function runHook(file: string, call: HookCall, timeoutMs = TIMEOUT_MS): Promise<void> {
	const fault = unsafeReason(file);
	if (fault !== undefined) throw new Error(`${file} ${fault}`);
	const child = spawn(file, call, {
		cwd: "/",
		env: ENVIRONMENT,
		detached: true,
		stdio: ["ignore", "ignore", "pipe"],
	});
	const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
		child.on("error", reject);
		// Not "close": what it left running may hold its standard error open.
		child.once("exit", (code, signal) => resolve({ code, signal }));
	});
	let words = "";
	// Absent when the host had no descriptor left to start it with.
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		words = (words + text).slice(-MAX_WORDS);
	});
	let late = false;
	const timer = setTimeout(() => {
		late = true;
		killGroup(child.pid);
	}, timeoutMs);
	try {
		const { code, signal } = await ended;
		if (late) throw new Error(`it did not finish within ${timeoutMs / 1000} s and was killed`);
		if (code !== 0) throw new Error(`it exited with ${signal ?? code}: ${words.trim()}`);
	} finally {
		clearTimeout(timer);
		child.stderr?.destroy();
	}
}

function killGroup(leader: number | undefined): void {
	if (leader === undefined) return;
	try {
		process.kill(-leader, "SIGKILL");
	} catch {
		// It has just ended by itself.
	}
}
