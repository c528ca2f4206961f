/** One process of a command, from its start to its end; its input may be given later. */

import { type ChildProcess, type ExecFileException, execFile } from "node:child_process";

/** 100,000 rules list as about 12 MB. */
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

/** Between SIGTERM and SIGKILL. */
export const KILL_AFTER_MS = 500;

export interface CommandResult {
	readonly failure: ExecFileException | null;
	readonly stdout: string;
	readonly stderr: string;
}

export class CommandProcess {
	readonly #ended: Promise<CommandResult>;
	#process: ChildProcess | undefined;
	#alive = true;

	/** By Node's own execFile, which is 1 ms faster than execa; each login waits for a command. */
	constructor(file: string, argv: readonly string[], env: Record<string, string>) {
		this.#ended = new Promise<CommandResult>((resolve) => {
			const options = { cwd: "/", env, maxBuffer: MAX_OUTPUT_BYTES };
			this.#process = execFile(file, argv, options, (failure, stdout, stderr) => {
				this.#alive = false;
				resolve({ failure, stdout, stderr });
			});
			// Earlier than the callback, which waits for children that hold its output open.
			this.#process.on("exit", () => {
				this.#alive = false;
			});
			// A command may end without reading all of its input; its exit code says whether it failed.
			this.#process.stdin?.on("error", () => undefined);
		}).catch((failure: ExecFileException) => {
			this.#alive = false;
			return { failure, stdout: "", stderr: "" };
		});
	}

	get pid(): number | undefined {
		return this.#process?.pid;
	}

	/** False as soon as its end is known. */
	get alive(): boolean {
		return this.#alive;
	}

	/**
	 * Writes its input and waits for its end; terminates it after `timeoutMs`.
	 * @param held whether this process stays alive for it
	 */
	async finish(input: string | undefined, timeoutMs: number, held = true): Promise<CommandResult> {
		const stop = setTimeout(() => this.#process?.kill(), timeoutMs);
		const kill = setTimeout(() => this.#process?.kill("SIGKILL"), timeoutMs + KILL_AFTER_MS);
		if (!held) {
			for (const timer of [stop, kill]) {
				timer.unref();
			}
		}
		this.#setRef(held);
		this.#process?.stdin?.end(input);
		const ended = await this.#ended;
		clearTimeout(stop);
		clearTimeout(kill);
		return ended;
	}

	/** Lets this process exit while the command waits for its input, which then ends, and the command with it. */
	unref(): void {
		this.#setRef(false);
	}

	#setRef(referenced: boolean): void {
		const { stdin, stdout, stderr } = this.#process ?? {};
		for (const part of [this.#process, stdin, stdout, stderr]) {
			const handle = part as { ref?: () => void; unref?: () => void } | null | undefined;
			if (referenced) {
				handle?.ref?.();
			} else {
				handle?.unref?.();
			}
		}
	}
}
