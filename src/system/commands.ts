/** Runs the system's commands: by absolute path, without a shell, with a fixed environment, limited in time and output. */

import type { ExecFileException } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CommandProcess, KILL_AFTER_MS } from "./command-process.js";
import { CLEAN_ENVIRONMENT, SYSTEM_DIRECTORIES } from "./environment.js";
import { CommandError } from "./errors.js";
import { OwnProcesses } from "./own-processes.js";
import { PrestartedCommands } from "./prestarted-commands.js";

/** The slowest call measured, `ufw reload` with 500 rules, took 1.9 s; waiting for a lock may add to that. */
const DEFAULT_TIMEOUT_MS = 20_000;

/** What a command prints; nothing where it fails or is not there. */
export function printed(commands: Commands, tool: string, ...args: readonly string[]): Promise<string> {
	return commands.run(tool, args).then(
		({ stdout }) => stdout,
		() => "",
	);
}

export interface RunOptions {
	/** Written to standard input, which is empty otherwise. */
	readonly input?: string;
	readonly timeoutMs?: number;
	/** Exit codes that are answers rather than failures, besides 0. */
	readonly answers?: readonly number[];
	/** Does not keep this process alive, which then ends without an answer. */
	readonly background?: boolean;
	/** Not by an answer that was given before, where such are shared. */
	readonly fresh?: boolean;
	/** The command is run often, and a login waits for it: the next one is started ahead. */
	readonly prestart?: boolean;
}

export interface Output {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number;
}

export interface Follower {
	readonly pid: number;
	stop(): Promise<void>;
}

export interface Commands {
	/** Absolute path of a command, or undefined if it is not installed. */
	find(tool: string): Promise<string | undefined>;
	/** @throws CommandError */
	run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output>;
	/** Runs a command that keeps running and prints lines. `onEnd` is called when it ends, except by `stop()`. */
	follow(
		tool: string,
		args: readonly string[],
		onLine: (line: string) => void,
		onEnd: () => void,
	): Promise<Follower>;
	/** Whether `run` has lately started the process of this number and name, as the kernel has them. */
	started(pid: number, name: string): boolean;
}

export class SystemCommands implements Commands {
	readonly #through: readonly string[];
	readonly #paths = new Map<string, string>();
	readonly #own: OwnProcesses;
	readonly #prestarted = new PrestartedCommands();

	/** @param through prefix of each command line, such as nsenter into another network namespace */
	constructor(through: readonly string[] = [], own = new OwnProcesses()) {
		this.#through = through;
		this.#own = own;
	}

	async find(tool: string): Promise<string | undefined> {
		const known = this.#paths.get(tool);
		if (known !== undefined) {
			return known;
		}
		for (const directory of SYSTEM_DIRECTORIES) {
			const path = join(directory, tool);
			try {
				await access(path, constants.X_OK);
			} catch {
				continue;
			}
			this.#paths.set(tool, path);
			return path;
		}
		return undefined;
	}

	async run(tool: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
		const child = await this.#start(tool, args, options.prestart === true);
		// What changes rules reads them from its input.
		const ended = this.#own.add(child.pid, tool, options.input !== undefined);
		const { failure, stdout, stderr } = await child.finish(
			options.input,
			options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
			options.background !== true,
		);
		ended();
		if (failure === null) {
			return { stdout, stderr, exitCode: 0 };
		}
		const { code } = failure;
		if (typeof code === "number" && options.answers?.includes(code)) {
			return { stdout, stderr, exitCode: code };
		}
		this.#paths.delete(tool);
		throw explainFailure(tool, args, failure, stderr || stdout);
	}

	async follow(
		tool: string,
		args: readonly string[],
		onLine: (line: string) => void,
		onEnd: () => void,
	): Promise<Follower> {
		const { file, argv } = await this.#commandLine(tool, args);
		// A fifth of this program, and only a guard follows anything.
		const { execa } = await import("execa");
		const child = execa(file, argv, {
			cwd: "/",
			extendEnv: false,
			env: CLEAN_ENVIRONMENT,
			forceKillAfterDelay: KILL_AFTER_MS,
			stdin: "ignore",
			stderr: "ignore",
			buffer: false,
		});
		let stopped = false;
		const ended = child.then(
			() => undefined,
			() => undefined,
		);
		void ended.then(() => {
			if (!stopped) {
				onEnd();
			}
		});
		createInterface({ input: child.stdout }).on("line", (line) => {
			if (!stopped) {
				onLine(line);
			}
		});
		return {
			pid: child.pid ?? 0,
			stop: async () => {
				stopped = true;
				child.kill();
				await ended;
			},
		};
	}

	started(pid: number, name: string): boolean {
		return this.#own.includes(pid, name);
	}

	async #start(tool: string, args: readonly string[], prestart: boolean): Promise<CommandProcess> {
		const { file, argv } = await this.#commandLine(tool, args);
		const start = () => new CommandProcess(file, argv, CLEAN_ENVIRONMENT);
		if (!prestart) {
			return start();
		}
		const name = [file, ...argv].join(" ");
		this.#prestarted.schedule(name, start);
		return this.#prestarted.take(name) ?? start();
	}

	async #commandLine(tool: string, args: readonly string[]): Promise<{ file: string; argv: string[] }> {
		const path = await this.find(tool);
		if (path === undefined) {
			throw new CommandError(
				"tool-missing",
				`The command ${tool} is not installed (looked in ${SYSTEM_DIRECTORIES.join(", ")}).`,
			);
		}
		const [file, ...argv] = [...this.#through, path, ...args];
		return { file: file as string, argv };
	}
}

function explainFailure(
	tool: string,
	args: readonly string[],
	failure: ExecFileException,
	output: string,
): CommandError {
	const line = [tool, ...args].join(" ");
	const words = (output || failure.message).trim().split("\n").slice(0, 4).join(" ");
	const cause = { cause: failure };
	if (failure.killed && failure.code !== "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
		return new CommandError("tool-timeout", `\`${line}\` timed out and was terminated.`, cause);
	}
	if (failure.code === "ENOENT" || failure.code === "EACCES") {
		return new CommandError("tool-missing", `The command ${tool} could not be started: ${words}`, cause);
	}
	if (/No space left on device|Disk quota exceeded/i.test(words)) {
		return new CommandError("disk-full", `\`${line}\` failed because a disk is full: ${words}`, cause);
	}
	if (/Permission denied|Operation not permitted|must be root/i.test(words)) {
		return new CommandError("not-permitted", `\`${line}\` was refused: ${words}`, cause);
	}
	return new CommandError("tool-failed", `\`${line}\` failed: ${words}`, cause);
}
