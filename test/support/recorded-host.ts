/** Commands whose output was recorded on a real host, and played back where there is none. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Commands, Follower, Output, RunOptions } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";

/** What a host answers, by command line. */
export interface HostRecord {
	/** Tools that it has not. */
	missing: string[];
	outputs: Record<string, { stdout: string; stderr?: string; exitCode?: number } | { failure: string }>;
	/** Of its `net` folder in proc. */
	net: Record<string, string>;
}

const NET_FILES = ["ip_tables_names", "ip6_tables_names"];

/** Passes everything on, and remembers it. */
export class RecordingCommands implements Commands {
	readonly record: HostRecord = { missing: [], outputs: {}, net: {} };
	readonly #commands: Commands;

	constructor(commands: Commands) {
		this.#commands = commands;
	}

	async find(tool: string): Promise<string | undefined> {
		const path = await this.#commands.find(tool);
		if (path === undefined && !this.record.missing.includes(tool)) {
			this.record.missing.push(tool);
		}
		return path;
	}

	async run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output> {
		const line = [tool, ...args].join(" ");
		try {
			const output = await this.#commands.run(tool, args, options);
			const { stdout, stderr, exitCode } = output;
			this.record.outputs[line] = exitCode === 0 ? { stdout } : { stdout, stderr, exitCode };
			return output;
		} catch (error) {
			this.record.outputs[line] = { failure: error instanceof Error ? error.message : String(error) };
			throw error;
		}
	}

	follow(...line: Parameters<Commands["follow"]>): Promise<Follower> {
		return this.#commands.follow(...line);
	}

	started(): boolean {
		return false;
	}

	async recordNet(net: string): Promise<void> {
		for (const file of NET_FILES) {
			this.record.net[file] = await readFile(join(net, file), "utf8").catch(() => "");
		}
	}
}

export class RecordedCommands implements Commands {
	/** Command lines that were run. */
	readonly lines: string[] = [];
	readonly #record: HostRecord;

	constructor(record: HostRecord) {
		this.#record = record;
	}

	async find(tool: string): Promise<string | undefined> {
		return this.#record.missing.includes(tool) ? undefined : `/usr/sbin/${tool}`;
	}

	async run(tool: string, args: readonly string[]): Promise<Output> {
		const line = [tool, ...args].join(" ");
		this.lines.push(line);
		const output = this.#record.outputs[line];
		if (output === undefined) {
			throw new CommandError("tool-failed", `Not recorded: ${line}`);
		}
		if ("failure" in output) {
			throw new CommandError("tool-failed", output.failure);
		}
		return { stderr: "", exitCode: 0, ...output };
	}

	follow(): Promise<Follower> {
		throw new Error("Nothing was recorded to follow.");
	}

	started(): boolean {
		return false;
	}
}

/** Calls `use` with a `net` folder as the host had it. */
export async function withNet<T>({ net }: HostRecord, use: (folder: string) => Promise<T>): Promise<T> {
	const folder = await mkdtemp(join(tmpdir(), "portguard-net-"));
	try {
		await mkdir(folder, { recursive: true });
		for (const [name, text] of Object.entries(net)) {
			await writeFile(join(folder, name), text);
		}
		return await use(folder);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
