/** One command from its start to its end, with its input given when it is known. */

import { type ChildProcess, type ExecFileException, execFile } from "node:child_process";

/** 100,000 rules list as about 12 MB. */
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

/** Between the polite and the final signal to a command that is stopped. */
export const KILL_AFTER_MS = 500;

export interface Ended {
	readonly failure: ExecFileException | null;
	readonly stdout: string;
	readonly stderr: string;
}

export class Child {
	readonly #ended: Promise<Ended>;
	#process: ChildProcess | undefined;
	#alive = true;

	/** Node's own runner, not execa's: it is 1 ms faster, and each login waits for one. */
	constructor(file: string, argv: readonly string[], env: Record<string, string>) {
		this.#ended = new Promise<Ended>((resolve) => {
			const options = { cwd: "/", env, maxBuffer: MAX_OUTPUT_BYTES };
			this.#process = execFile(file, argv, options, (failure, stdout, stderr) => {
				this.#alive = false;
				resolve({ failure, stdout, stderr });
			});
			// Sooner than the callback where it left a child that holds its output open.
			this.#process.on("exit", () => {
				this.#alive = false;
			});
			// A command may end without reading all it was given; its exit code tells what that means.
			this.#process.stdin?.on("error", () => undefined);
		}).catch((failure: ExecFileException) => {
			this.#alive = false;
			return { failure, stdout: "", stderr: "" };
		});
	}

	get pid(): number | undefined {
		return this.#process?.pid;
	}

	/** False from the moment its end is known. */
	get alive(): boolean {
		return this.#alive;
	}

	/**
	 * Gives it its input and waits for its end; one that takes longer than `timeoutMs` is stopped. `held`: this process does not
	 * end before it.
	 */
	async finish(input: string | undefined, timeoutMs: number, held = true): Promise<Ended> {
		const stop = setTimeout(() => this.#process?.kill(), timeoutMs);
		const kill = setTimeout(() => this.#process?.kill("SIGKILL"), timeoutMs + KILL_AFTER_MS);
		if (!held) for (const timer of [stop, kill]) timer.unref();
		this.#hold(held);
		this.#process?.stdin?.end(input);
		const ended = await this.#ended;
		clearTimeout(stop);
		clearTimeout(kill);
		return ended;
	}

	/** While it waits it keeps nobody from ending: its input then ends too, and so does it. */
	wait(): void {
		this.#hold(false);
	}

	#hold(held: boolean): void {
		const { stdin, stdout, stderr } = this.#process ?? {};
		for (const part of [this.#process, stdin, stdout, stderr]) {
			const handle = part as { ref?: () => void; unref?: () => void } | null | undefined;
			if (held) handle?.ref?.();
			else handle?.unref?.();
		}
	}
}
