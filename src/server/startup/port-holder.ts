/** Finds out which processes hold UDP ports, for the message that a requested port is already in use. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { terminalIdleSeconds } from "../../system/terminal-idle.js";
import type { PortRange } from "./arguments.js";

/** The most ports described, for a range that is in use as a whole. */
const DESCRIBED_LIMIT = 5;

const SOCKET_LISTS = ["/proc/net/udp", "/proc/net/udp6"];

interface PortSocket {
	readonly port: number;
	readonly uid: number;
	readonly inode: string;
}

/** A sentence for each port of the range that is in use, up to DESCRIBED_LIMIT. Reads /proc; never throws. */
export function describeHolders({ first, last }: PortRange): string[] {
	const sockets = new Map<number, PortSocket>();
	for (const socket of SOCKET_LISTS.flatMap(contents).flatMap(parseSockets)) {
		if (socket.port >= first && socket.port <= last) {
			sockets.set(socket.port, socket);
		}
	}
	const described = [...sockets.values()].sort((a, b) => a.port - b.port).slice(0, DESCRIBED_LIMIT);
	return described.map(describe);
}

function describe({ port, uid, inode }: PortSocket): string {
	const pid = holderOf(inode);
	if (pid === undefined) {
		return `UDP port ${port} is held by a process of another user (uid ${uid}).`;
	}
	const idle = terminalIdleSeconds(pid);
	const silence = idle === undefined ? "" : `, into whose session nobody has typed for ${roughly(idle)}`;
	return `UDP port ${port} is held by process ${pid} (${commandOf(pid)})${silence}; \`kill ${pid}\` ends it.`;
}

/** @param list text of /proc/net/udp: …, local address and port in hexadecimal, …, uid, …, inode (proc(5)) */
export function parseSockets(list: string): PortSocket[] {
	return list.split("\n").flatMap((line) => {
		const [, local = "", , , , , , uid, , inode] = line.trim().split(/\s+/);
		const port = Number.parseInt(local.split(":")[1] ?? "", 16);
		return Number.isNaN(port) || inode === undefined ? [] : [{ port, uid: Number(uid), inode }];
	});
}

function contents(path: string): string[] {
	try {
		return [readFileSync(path, "latin1")];
	} catch {
		return [];
	}
}

/** Undefined if no process that this user may inspect holds the socket. */
function holderOf(inode: string): number | undefined {
	const link = `socket:[${inode}]`;
	const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	const holder = pids.find((pid) => {
		try {
			return readdirSync(`/proc/${pid}/fd`).some((fd) => isLinkTo(`/proc/${pid}/fd/${fd}`, link));
		} catch {
			return false;
		}
	});
	return holder === undefined ? undefined : Number(holder);
}

function isLinkTo(path: string, target: string): boolean {
	try {
		return readlinkSync(path) === target;
	} catch {
		return false;
	}
}

/** The short name of a process, without characters that could control a terminal. */
function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/comm`, "utf8")
			.trim()
			.replaceAll(/[^ -~]/g, "?");
	} catch {
		return "unknown";
	}
}

/** A duration in the largest unit of which it has at least two: enough to recognise a forgotten session. */
export function roughly(seconds: number): string {
	if (seconds < 120) {
		return `${Math.max(0, Math.floor(seconds))} s`;
	}
	if (seconds < 2 * 3600) {
		return `${Math.floor(seconds / 60)} min`;
	}
	return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
