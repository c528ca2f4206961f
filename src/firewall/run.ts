/** Runs the system's firewall commands: absolute paths, no shell, a known environment, bounded time and output. */

import { type ExecFileException, execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { FirewallError } from "./errors.js";

/** Never the caller's PATH: these run as root. */
const SYSTEM_DIRECTORIES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;

/** The slowest call measured, `ufw reload` with 500 rules, took 1.9 s; a lock held by another may add to that. */
const DEFAULT_TIMEOUT_MS = 20_000;

/** 100,000 rules list as about 12 MB. */
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

/** Between the polite and the final signal to a command that is stopped. */
const KILL_AFTER_MS = 500;

export interface RunOptions {
	/** Given on standard input; without it the command reads nothing. */
	readonly input?: string;
	readonly timeoutMs?: number;
	/** Exit codes that are answers rather than failures; 0 always is. */
	readonly answers?: readonly number[];
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

/** What a firewall needs of the system it runs on. */
export interface Commands {
	/** Absolute path of a command, or undefined when it is not installed. */
	find(tool: string): Promise<string | undefined>;
	/** @throws FirewallError */
	run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output>;
	/** Runs a command that goes on for long; `onEnd` is called once, unless it was stopped by `stop()`. */
	follow(
		tool: string,
		args: readonly string[],
		onLine: (line: string) => void,
		onEnd: () => void,
	): Promise<Follower>;
	/** Whether the process `pid` was one of the last that `run` started. */
	started(pid: number): boolean;
}

/** Events about a command of ours arrive within milliseconds of its end, so a short memory is enough. */
const REMEMBERED_PIDS = 64;

export class SystemCommands implements Commands {
	readonly #through: readonly string[];
	readonly #paths = new Map<string, string>();
	readonly #pids: number[] = [];

	/** `through`: a command line put before each command, such as nsenter into another network namespace. */
	constructor(through: readonly string[] = []) {
		this.#through = through;
	}

	async find(tool: string): Promise<string | undefined> {
		const known = this.#paths.get(tool);
		if (known !== undefined) return known;
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
		const { file, argv } = await this.#commandLine(tool, args);
		const { failure, stdout, stderr } = await new Promise<Ended>((resolve) => {
			const timeout = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
			const child = execFile(
				file,
				argv,
				{ cwd: "/", env: ENVIRONMENT, timeout, maxBuffer: MAX_OUTPUT_BYTES },
				(failure, stdout, stderr) => {
					clearTimeout(kill);
					resolve({ failure, stdout, stderr });
				},
			);
			const kill = setTimeout(() => child.kill("SIGKILL"), timeout + KILL_AFTER_MS);
			this.#remember(child.pid);
			// A command may end without reading all it was given; its exit code tells what that means.
			child.stdin?.on("error", () => undefined);
			child.stdin?.end(options.input);
		}).catch((failure: ExecFileException) => ({ failure, stdout: "", stderr: "" }));
		if (failure === null) return { stdout, stderr, exitCode: 0 };
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
		const child = execa(file, argv, {
			cwd: "/",
			extendEnv: false,
			env: ENVIRONMENT,
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
			if (!stopped) onEnd();
		});
		createInterface({ input: child.stdout }).on("line", (line) => {
			if (!stopped) onLine(line);
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

	started(pid: number): boolean {
		return this.#pids.includes(pid);
	}

	#remember(pid: number | undefined): void {
		if (pid === undefined) return;
		this.#pids.push(pid);
		if (this.#pids.length > REMEMBERED_PIDS) this.#pids.shift();
	}

	async #commandLine(tool: string, args: readonly string[]): Promise<{ file: string; argv: string[] }> {
		const path = await this.find(tool);
		if (path === undefined) {
			throw new FirewallError(
				"tool-missing",
				`The command ${tool} is not installed (looked in ${SYSTEM_DIRECTORIES.join(", ")}).`,
			);
		}
		const [file, ...argv] = [...this.#through, path, ...args];
		return { file: file as string, argv };
	}
}

const ENVIRONMENT = { LC_ALL: "C", PATH: SYSTEM_DIRECTORIES.join(":") };

/** Node's own runner, not execa's: it is 1 ms faster, and each login waits for one. */
interface Ended {
	readonly failure: ExecFileException | null;
	readonly stdout: string;
	readonly stderr: string;
}

function explainFailure(
	tool: string,
	args: readonly string[],
	failure: ExecFileException,
	output: string,
): FirewallError {
	const line = [tool, ...args].join(" ");
	const words = (output || failure.message).trim().split("\n").slice(0, 4).join(" ");
	const cause = { cause: failure };
	if (failure.killed && failure.code !== "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
		return new FirewallError("tool-timeout", `\`${line}\` did not end in time and was stopped.`, cause);
	}
	if (failure.code === "ENOENT" || failure.code === "EACCES") {
		return new FirewallError("tool-missing", `The command ${tool} could not be started: ${words}`, cause);
	}
	if (/No space left on device|Disk quota exceeded/i.test(words)) {
		return new FirewallError("disk-full", `\`${line}\` failed because a disk is full: ${words}`, cause);
	}
	if (/Permission denied|Operation not permitted|must be root/i.test(words)) {
		return new FirewallError("not-permitted", `\`${line}\` was refused: ${words}`, cause);
	}
	return new FirewallError("tool-failed", `\`${line}\` failed: ${words}`, cause);
}
