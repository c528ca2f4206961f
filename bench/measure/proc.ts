/** What the kernel knows of a process: CPU time, private memory, and who holds a UDP port. See proc(5). */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { privateKiB } from "../../test/support/processes.js";

export { cpuMs as cpuTime } from "../../test/support/processes.js";

/** Memory that would come free if `pid` ended (pages no other process shares), in MiB. */
export function privateMemory(pid: number): number {
	return privateKiB(pid) / 1024;
}

export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

export function processes(): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number);
}

/** `NAME=VALUE` as at the start of the process; empty when it is gone. */
export function environmentOf(pid: number): readonly string[] {
	try {
		return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
	} catch {
		return [];
	}
}

/** The process that holds UDP `port` of 127.0.0.1; undefined when none does or it is not ours to see. */
export function udpPortHolder(port: number): number | undefined {
	const inode = udpSocketInode(port);
	if (inode === undefined) {
		return undefined;
	}
	const wanted = `socket:[${inode}]`;
	return processes().find((pid) => holds(pid, wanted));
}

function udpSocketInode(port: number): string | undefined {
	const wanted = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
	for (const line of readFileSync("/proc/net/udp", "latin1").split("\n")) {
		const fields = line.trim().split(/\s+/);
		if (fields[1] === wanted) {
			return fields[9];
		}
	}
	return undefined;
}

function holds(pid: number, target: string): boolean {
	try {
		return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === target);
	} catch {
		return false; // It ended meanwhile, or a descriptor did.
	}
}
