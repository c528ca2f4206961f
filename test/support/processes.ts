/** What the kernel says of processes, read from /proc, so that tests end and watch only what they started. */

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { HANG_MS, until } from "./wait.js";

const run = promisify(execFile);

/** For a process to end by itself before it is killed. */
const POLITE_MS = 5000;

/** A zombie counts as ended: whether somebody reaps it is not the process's doing. */
export function isAlive(pid: number): boolean {
	const state = statusField(pid, "State");
	return state !== undefined && !state.startsWith("Z") && !state.startsWith("X");
}

/** True while a signal holds the process, which then does nothing. */
export function isStopped(pid: number): boolean {
	return statusField(pid, "State")?.startsWith("T") === true;
}

/** Resident memory in KiB; 0 when the process is gone. */
export function residentKiB(pid: number): number {
	return Number.parseInt(statusField(pid, "VmRSS") ?? "0", 10);
}

/** Memory that would come free if the process ended. */
export function privateKiB(pid: number): number {
	const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
	const parts = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)];
	return parts.reduce((sum, [, amount]) => sum + Number(amount), 0);
}

/** The most resident memory so far in KiB; 0 when the process is gone. */
export function peakResidentKiB(pid: number): number {
	return Number.parseInt(statusField(pid, "VmHWM") ?? "0", 10);
}

/**
 * CPU time of all live threads so far (ms). From schedstat, which counts nanoseconds: the ticks of /proc/PID/stat are 10 ms, too
 * coarse for a key or a short flood. See proc(5).
 */
export function cpuMs(pid: number): number {
	let nanoseconds = 0;
	for (const thread of threadsOf(pid)) {
		const [running = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ");
		nanoseconds += Number(running);
	}
	return nanoseconds / 1e6;
}

export function childrenOf(pid: number): number[] {
	return threadsOf(pid).flatMap((thread) => {
		try {
			const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
			return children.split(" ").filter(Boolean).map(Number);
		} catch {
			// It has ended.
			return [];
		}
	});
}

function threadsOf(pid: number): string[] {
	try {
		return readdirSync(`/proc/${pid}/task`);
	} catch {
		return [];
	}
}

export function commandLineOf(pid: number): string[] {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
	} catch {
		return [];
	}
}

/** Processes holding a UDP socket that takes datagrams for `port`, at any address or at the one given. */
export async function udpPortHolders(port: number, address?: string): Promise<number[]> {
	const { stdout } = await run("ss", ["-lunpH", `sport = :${port}`]);
	// Columns: state, two queues, local address and port, peer, processes.
	const sockets = stdout
		.split("\n")
		.map((line) => ({ line, bound: localAddress(line.split(/\s+/)[3] ?? "") }));
	// ss shows a socket of both families as "*". One of the other family may well hold the same port.
	const accepting = [address, "*", address?.includes(":") ? "::" : "0.0.0.0"];
	return sockets
		.filter(({ bound }) => address === undefined || accepting.includes(bound))
		.flatMap(({ line }) => [...line.matchAll(/pid=(\d+)/g)].map((match) => Number(match[1])));
}

/** `127.0.0.1:60001`, `[::1]:60001` and `127.0.0.1%lo:60001` without all but the address. */
function localAddress(column: string): string {
	return column
		.replace(/:\d+$/, "")
		.replace(/%\w+/, "")
		.replace(/^\[(.*)\]$/, "$1");
}

export async function ended(pid: number, what: string, limitMs?: number): Promise<void> {
	await until(`${what} (process ${pid}) ends`, () => !isAlive(pid), {
		limitMs,
		explain: () => commandLineOf(pid).join(" "),
	});
}

/** Ends a process a test started: politely, and by force when that is not heeded. Safe when already gone. */
export async function endProcess(pid: number): Promise<void> {
	for (const signal of ["SIGTERM", "SIGKILL"] as const) {
		if (!isAlive(pid)) {
			return;
		}
		try {
			process.kill(pid, signal);
			await until(`process ${pid} ends`, () => !isAlive(pid), {
				limitMs: signal === "SIGTERM" ? POLITE_MS : HANG_MS,
			});
			return;
		} catch {
			// Still there, or gone in between: the next round or the check above decides.
		}
	}
}

function statusField(pid: number, name: string): string | undefined {
	if (!existsSync(`/proc/${pid}`)) {
		return undefined;
	}
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
	} catch {
		return undefined;
	}
}
