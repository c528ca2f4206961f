/**
 * Reads from the kernel what ssh's shell gave to the launcher. The server's own arguments and environment have passed through
 * a shell and Node, which alter them: shells rename and drop variables, Node decodes everything as UTF-8.
 */

import { readFileSync } from "node:fs";
import { textOf } from "./byte-text.js";

/** Strings are in the form of byte-text.ts. */
export interface Caller {
	/** The arguments after `mosh-server`. */
	readonly words: readonly string[];
	/** The environment in its original order. Entries are usually `NAME=VALUE`, but names may repeat and `=` may be missing. */
	readonly entries: readonly string[];
	readonly signals: SignalSets;
}

/** Sets of signals as hexadecimal numbers, as in /proc/PID/status. */
export interface SignalSets {
	readonly ignored: string;
	readonly blocked: string;
}

const NO_SIGNALS: SignalSets = { ignored: "0", blocked: "0" };
/** The launcher ignores SIGUSR1 from its first line on, so the original disposition is unknown. */
const SIGUSR1_BIT = 1n << 9n;

/**
 * @param launcher process id of the launcher, which is still waiting
 * @param words the server's own arguments as Node decoded them
 */
export function callerOf(launcher: string, words: readonly string[]): Caller {
	const folder = `/proc/${launcher}`;
	const entries = listOf(`${folder}/environ`);
	return {
		words: originalWords(listOf(`${folder}/cmdline`) ?? [], words),
		entries: entries ?? Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ""}`),
		signals: signalsOf(`${folder}/status`),
	};
}

/** The server's arguments are the launcher's last ones, unless something else has started the server. */
function originalWords(launchers: readonly string[], decoded: readonly string[]): readonly string[] {
	const last = decoded.length === 0 ? [] : launchers.slice(-decoded.length);
	const same = (word: string, index: number): boolean => asDecoded(word) === asDecoded(decoded[index] ?? "");
	return last.length === decoded.length && last.every(same) ? last : decoded;
}

/** Decoders differ in how many replacement characters they use for a run of bytes that are not UTF-8. */
function asDecoded(text: string): string {
	return text.replaceAll(/[\udc80-\udcff\ufffd]+/gu, "\ufffd");
}

function listOf(path: string): string[] | undefined {
	try {
		const bytes = readFileSync(path);
		const list: string[] = [];
		for (let from = 0, to: number; from < bytes.length; from = to + 1) {
			to = bytes.indexOf(0, from);
			if (to < 0) {
				to = bytes.length;
			}
			list.push(textOf(bytes.subarray(from, to)));
		}
		return list;
	} catch {
		return undefined;
	}
}

function signalsOf(path: string): SignalSets {
	try {
		const status = readFileSync(path, "latin1");
		const set = (name: string): bigint =>
			BigInt(`0x${new RegExp(`^${name}:\\s*(\\w+)`, "m").exec(status)?.[1] ?? 0}`);
		return { ignored: (set("SigIgn") & ~SIGUSR1_BIT).toString(16), blocked: set("SigBlk").toString(16) };
	} catch {
		return NO_SIGNALS;
	}
}
