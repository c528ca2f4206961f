/** The two contestants, how each is started, and the promise that none outlives the run. */

import { spawn } from "node:child_process";
import { environmentOf, isAlive, processes, udpPortHolder } from "./measure/proc.js";
import { eventually, within } from "./measure/time.js";

export type ContestantName = "stock" | "ours";

export interface Contestant {
	readonly name: ContestantName;
	/** Path of a mosh-server. */
	readonly command: string;
	/** Words that start it in surroundings of its own, before the command; asked for at each start. */
	readonly within?: (() => readonly string[]) | undefined;
}

/** What a client is told. */
export interface Announcement {
	readonly port: number;
	/** As printed: 22 characters of base64. */
	readonly key: string;
	/** Milliseconds from the start of the process to `MOSH CONNECT` on its standard output. */
	readonly startup: number;
}

export interface RunningServer extends Announcement {
	readonly pid: number;
	/** Ends it by the shortest way. */
	stop(): Promise<void>;
}

/** Twice what a cold start of Node takes on a loaded machine. */
const START_LIMIT = 10_000;
/** The first look may fall between two descriptors of a process that is just detaching. */
const HOLDER_LIMIT = 500;
/** After SIGTERM; a server that takes longer is killed. */
const STOP_LIMIT = 1_000;

/** The same plain surroundings for both, so that no file of the user's changes what is measured. */
const ENVIRONMENT = {
	PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
	HOME: "/nonexistent",
	SHELL: "/bin/sh",
	TERM: "xterm-256color",
	LANG: "C.UTF-8",
	LC_ALL: "C.UTF-8",
};

/** Where both listen, and the colours of their terminal. */
const PLACE = ["-i", "127.0.0.1", "-c", "256"];

/** In the environment of every process of this run, and only there. */
const RUN = `${process.pid}-${Date.now()}`;

/**
 * Ends every server of this run and the programs on their ptys, known or not: a server that failed to announce
 * itself is one nobody has the pid of.
 */
export function killAllServers(): void {
	for (const pid of processes()) {
		if (pid !== process.pid && environmentOf(pid).includes(`MOSH_BENCH_RUN=${RUN}`)) {
			kill(pid, "SIGKILL");
		}
	}
}

/** Starts `contestant` with `program` on its pty and further `words`, bound to loopback, and waits for its `MOSH CONNECT`. */
export async function startServer(
	contestant: Contestant,
	program: readonly string[],
	words: readonly string[] = [],
): Promise<RunningServer> {
	const connect = await announcement(contestant, ["new", ...PLACE, ...words, "--", ...program]);
	const pid = await holder(connect.port);
	return { ...connect, pid, stop: () => stop(pid) };
}

/** Has a running server of `contestant`, which must be ours, expect another client. */
export function attachTo(contestant: Contestant, pid: number): Promise<Announcement> {
	return announcement(contestant, ["attach", String(pid), ...PLACE]);
}

/** The starting process is gone when it resolves: until then, it and the server may both hold the socket. */
async function announcement(
	{ command, within: surroundings }: Contestant,
	words: readonly string[],
): Promise<Announcement> {
	const [file = command, ...rest] = [...(surroundings?.() ?? []), command, ...words];
	const begin = performance.now();
	const child = spawn(file, rest, {
		cwd: "/",
		env: { ...ENVIRONMENT, MOSH_BENCH_RUN: RUN },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	let output = "";
	let errors = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		errors += text;
	});
	const connected = new Promise<Announcement>((resolve, reject) => {
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			output += text;
			const line = /^MOSH CONNECT (\d+) ([A-Za-z0-9/+]{22})\s*$/m.exec(output);
			if (line) {
				resolve({ port: Number(line[1]), key: line[2] ?? "", startup: performance.now() - begin });
			}
		});
		child.once("error", reject);
		child.once("close", () => reject(new Error(`${command} gave no MOSH CONNECT: ${errors.trim()}`)));
	});
	try {
		const connect = await within(START_LIMIT, "MOSH CONNECT", connected);
		await within(START_LIMIT, "end of the starting process", exited);
		return connect;
	} catch (error) {
		child.kill("SIGKILL");
		throw error;
	} finally {
		child.stdout.destroy();
		child.stderr.destroy();
		child.unref();
	}
}

async function holder(port: number): Promise<number> {
	let pid: number | undefined;
	await eventually(HOLDER_LIMIT, 5, () => {
		pid = udpPortHolder(port);
		return pid !== undefined;
	});
	if (pid === undefined) {
		throw new Error(`no process holds port ${port}`);
	}
	return pid;
}

async function stop(pid: number): Promise<void> {
	kill(pid, "SIGTERM");
	if (!(await eventually(STOP_LIMIT, 5, () => !isAlive(pid)))) {
		kill(pid, "SIGKILL");
	}
}

export function kill(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch {
		// Gone already.
	}
}
