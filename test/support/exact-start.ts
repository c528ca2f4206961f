/** Starts a mosh-server with exact bytes, limits and signals, and records what the program in its session receives. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive } from "./processes.js";
import { UdpClient } from "./udp-client.js";
import { until } from "./wait.js";

const STARTER = fileURLToPath(new URL("exact-start.py", import.meta.url));

/** Strings are bytes as Latin-1. */
export interface ExactStart {
	/** Program and arguments. */
	readonly words: readonly string[];
	readonly entries: readonly string[];
	/** Soft and hard limits by their names in setrlimit(2) without RLIMIT_; -1: unlimited. */
	readonly limits?: Readonly<Record<string, readonly [soft: number, hard: number]>>;
	/** Signal numbers. */
	readonly ignored?: readonly number[];
	readonly blocked?: readonly number[];
	readonly umask?: number;
	readonly nice?: number;
	readonly uid?: number;
	readonly groups?: readonly number[];
}

export interface ExactRun {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** Process id of the server; 0 if none was announced. */
	readonly pid: number;
}

export async function startExactly(start: ExactStart): Promise<ExactRun> {
	const child = spawn("python3", [STARTER], { stdio: ["pipe", "pipe", "pipe"] });
	child.stdin.end(JSON.stringify(start));
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("latin1").on("data", (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding("latin1").on("data", (text: string) => {
		stderr += text;
	});
	const [status] = await once(child, "close");
	return { status, stdout, stderr, pid: Number(/pid = (\d+)/.exec(stderr)?.[1] ?? 0) };
}

export async function clientOf({ stdout, stderr }: ExactRun): Promise<UdpClient> {
	const [, port, key] = /^MOSH CONNECT (\d+) (\S{22})$/m.exec(stdout) ?? [];
	if (port === undefined || key === undefined) {
		throw new Error(`no session: ${stdout}${stderr}`);
	}
	return UdpClient.connect(Number(port), key);
}

/** In Perl, which changes neither its signals nor the environment that is recorded. */
const RECORDER = `
	my $to = shift;
	open my $out, ">", "$to.part" or die;
	for my $name ("environ", "cmdline", "limits", "status") {
		open my $in, "<", "/proc/self/$name" or die;
		local $/;
		my $text = <$in>;
		print $out length($text), "\\n", $text;
	}
	print $out readlink("/proc/self/cwd"), "\\n", getpriority(0, 0), "\\n";
	close $out;
	rename "$to.part", $to;
	<STDIN>;
`;

/** What a process received; bytes as Latin-1. */
export interface Received {
	readonly entries: readonly string[];
	readonly words: readonly string[];
	readonly limits: readonly string[];
	/** The lines of /proc/PID/status about users, signals, capabilities and the umask. */
	readonly status: readonly string[];
	readonly directory: string;
	readonly nice: number;
}

const STATUS_LINES =
	/^(Umask|Uid|Gid|Groups|Sig(Blk|Ign|Cgt)|Cap|NoNewPrivs|Seccomp|Speculation|Cpus_allowed|Mems_allowed)/;

/**
 * @param server program and words up to `--`
 * @param more words after those of the recorder
 * @param folder where the program may write
 */
export async function receivedFrom(
	server: readonly string[],
	more: readonly string[],
	start: Omit<ExactStart, "words">,
	folder: string,
): Promise<Received> {
	const file = join(folder, "received");
	rmSync(file, { force: true });
	const own = ["/usr/bin/perl", "-e", RECORDER, file];
	const run = await startExactly({ ...start, words: [...server, "--", ...own, ...more] });
	const client = await clientOf(run);
	try {
		await until("the program has recorded what it got", () => existsSync(file));
		const received = readFileSync(file, "latin1");
		let at = 0;
		const next = (): string => {
			const end = received.indexOf("\n", at);
			const length = Number(received.slice(at, end));
			at = end + 1 + length;
			return received.slice(end + 1, at);
		};
		const [environ, cmdline, limits, status] = [next(), next(), next(), next()];
		const [directory = "", nice] = received.slice(at).split("\n");
		return {
			entries: environ.split("\0").slice(0, -1),
			words: cmdline.split("\0").slice(own.length, -1),
			limits: limits.split("\n"),
			status: status.split("\n").filter((line) => STATUS_LINES.test(line)),
			directory,
			nice: Number(nice),
		};
	} finally {
		client.close();
		if (isAlive(run.pid)) {
			process.kill(run.pid, "SIGKILL");
		}
	}
}
