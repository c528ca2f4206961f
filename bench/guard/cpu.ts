/** CPU time and memory of the guard and of the programs it starts. See proc(5). */

import { readFileSync } from "node:fs";
import { cpuTime, privateMemory, processes } from "../measure/proc.js";

/** Milliseconds of one unit in /proc/PID/stat, on every Linux that Node runs on. */
const TICK_MS = 10;

export interface GuardCpu {
	/** The guard itself, milliseconds. */
	readonly own: number;
	/** Programs it started, ended ones to the tick. */
	readonly started: number;
}

export function guardCpu(pid: number): GuardCpu {
	const [ended, living] = [endedChildren(pid), childrenOf(pid)];
	return {
		own: cpuTime(pid),
		started: ended + living.reduce((sum, child) => sum + orNone(cpuTime, child), 0),
	};
}

/** One that ends meanwhile counts at the next look, among those that ended. */
function orNone(measure: (pid: number) => number, pid: number): number {
	try {
		return measure(pid);
	} catch {
		return 0;
	}
}

/** MiB: the guard's resident set, and what would come free with it and its programs. */
export function guardMemory(pid: number): { readonly resident: number; readonly ours: number } {
	const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
	const ours = [pid, ...childrenOf(pid)].reduce((sum, each) => sum + orNone(privateMemory, each), 0);
	return { resident: Number(kibibytes) / 1024, ours };
}

function statOf(pid: number): string[] {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	} catch {
		return [];
	}
}

function childrenOf(pid: number): number[] {
	return processes().filter((other) => Number(statOf(other)[1]) === pid);
}

/** Fields 16 and 17 of /proc/PID/stat: children that were waited for. */
function endedChildren(pid: number): number {
	const fields = statOf(pid);
	return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}
