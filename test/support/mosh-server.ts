/**
 * Starting the mosh-server under test. Every end-to-end test runs against either server: `ours` (default), or
 * `stock` with MOSH_SERVER_UNDER_TEST=stock, which shows that the tests ask for nothing the original does not do.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endProcess } from "./processes.js";
import { relocatedServer } from "./relocated-server.js";
import { findTool, needsTools } from "./requirements.js";
import { scratchFolder } from "./scratch.js";

export type ServerName = "stock" | "ours";

export const serverUnderTest: ServerName = process.env.MOSH_SERVER_UNDER_TEST === "stock" ? "stock" : "ours";

/** For tests of what ours does better than, or unlike, the original. */
export const needsOurs = (): string | false =>
	serverUnderTest !== "ours" && "the stock server does not do this";

export const checkout = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** As it is installed or built. */
export function serverProgram(name: ServerName = serverUnderTest): string {
	return name === "ours" ? join(checkout, "bin/mosh-server") : (findTool("mosh-server") ?? "mosh-server");
}

export const needsStockServer = (): string | false => needsTools("mosh-server");

export interface ServerRun {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface ServerOptions {
	readonly server?: ServerName;
	/** Words after `new`. The address and port are 127.0.0.1 and the kernel's choice unless given here. */
	readonly words?: readonly string[];
	readonly command?: readonly string[];
	readonly environment?: Readonly<Record<string, string>>;
	/** A command that runs the one that follows, such as nsenter with its options. */
	readonly within?: readonly string[];
	readonly home: string;
	/** Have ours apply every diff that it sends to a model of the client (-v); `stop` then fails if one was wrong. Default. */
	readonly verify?: boolean;
}

export interface MoshServer {
	readonly pid: number;
	readonly port: number;
	readonly key: string;
	stop(): Promise<void>;
}

/** A home folder with a shell that asks with `e2e$ ` and says nothing else. */
export function makeHome(): { readonly path: string; remove(): void } {
	const path = mkdtempSync(join(tmpdir(), "mosh-home-"));
	writeFileSync(join(path, ".hushlogin"), "");
	writeFileSync(join(path, ".bash_profile"), "PS1='e2e$ '; unset PROMPT_COMMAND HISTFILE\n");
	return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

let runtimeFolder: string | undefined;

/** Where the servers of this test's process can be asked. */
function runtime(): string {
	runtimeFolder ??= scratchFolder();
	return runtimeFolder;
}

/** Environment of a login: what sshd would set, and nothing of the test runner's. */
export function loginEnvironment(home: string): Record<string, string> {
	const path = [dirname(process.execPath), process.env.PATH ?? "", "/usr/sbin", "/sbin"];
	return {
		PATH: path.join(delimiter),
		HOME: home,
		SHELL: "/bin/bash",
		USER: "e2e",
		LANG: "C.UTF-8",
		TERM: "xterm",
		// No server of another test is met.
		XDG_RUNTIME_DIR: runtime(),
	};
}

/**
 * ssh ends when nobody holds its channel open; a server that does not let go of it keeps the user waiting for as long as the
 * session lives, which is longer than this.
 */
const LET_GO_LIMIT_MS = 60_000;

/**
 * Runs the program to the end of its output, which is when ssh would hang up.
 * @throws Error when the output stays open after the program has ended
 */
export function runServer(
	name: ServerName,
	words: readonly string[],
	environment: Readonly<Record<string, string>>,
	within: readonly string[] = [],
): Promise<ServerRun> {
	return new Promise((resolve, reject) => {
		const program = name === "ours" ? relocatedServer() : serverProgram(name);
		const [first = program, ...rest] = [...within, program, ...words];
		const child = spawn(first, rest, {
			stdio: ["ignore", "pipe", "pipe"],
			env: environment,
		});
		let stdout = "";
		let stderr = "";
		let limit: NodeJS.Timeout | undefined;
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.on("error", reject);
		child.on("exit", () => {
			const held = `${name} server ended and left something holding its output open:\n`;
			limit = setTimeout(() => reject(new Error(held + stdout + stderr)), LET_GO_LIMIT_MS);
		});
		child.on("close", (exitCode) => {
			clearTimeout(limit);
			resolve({ exitCode, stdout, stderr });
		});
	});
}

/** @throws Error with everything the server said when it did not announce a session */
export async function startServer(options: ServerOptions): Promise<MoshServer> {
	const { server = serverUnderTest, words = [], command = [], environment = {}, within, home } = options;
	const allWords = ["new", "-i", "127.0.0.1", "-p", "0", "-c", "256", ...words];
	if (command.length > 0) {
		allWords.push("--", ...command);
	}
	const verify = server === "ours" && (options.verify ?? true);
	const log = join(scratchFolder(), "log");
	const run = verify ? verbosely(log) : runServer;
	const ran = await run(server, allWords, { ...loginEnvironment(home), ...environment }, within);
	const connect = /^MOSH CONNECT (\d+) ([A-Za-z0-9/+]{22})$/m.exec(ran.stdout);
	const pid = /pid = (\d+)/.exec(ran.stderr);
	if (connect === null || pid === null) {
		throw new Error(`${server} server did not start (exit ${ran.exitCode}):\n${ran.stdout}\n${ran.stderr}`);
	}
	const serverPid = Number(pid[1]);
	return {
		pid: serverPid,
		port: Number(connect[1]),
		key: connect[2] ?? "",
		async stop() {
			await endProcess(serverPid);
			const complaints = verify ? verificationFailures(readFileSync(log, "utf8")) : [];
			if (complaints.length > 0) {
				throw new Error(complaints.join("\n"));
			}
		},
	};
}

/** As `runServer`, with -v: the server keeps its output, which goes to a file, and does not let go of it. */
function verbosely(log: string): typeof runServer {
	return async (_name, [word = "new", ...words], environment, within = []) => {
		const file = openSync(log, "a+");
		try {
			const [first = "", ...rest] = [...within, relocatedServer(), word, "-v", ...words];
			const child = spawn(first, rest, {
				stdio: ["ignore", file, file],
				env: environment,
			});
			const [exitCode] = (await once(child, "exit")) as [number | null];
			const said = readFileSync(log, "utf8");
			return { exitCode, stdout: said, stderr: said };
		} finally {
			closeSync(file);
		}
	};
}

/** The lines of -v that tell of a diff that does not lead to its screen. */
export function verificationFailures(log: string): string[] {
	return log.split("\n").filter((line) => line.includes("verification failed"));
}
