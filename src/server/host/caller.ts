/**
 * What ssh's shell gave to the launcher, read from the kernel: of its own words and environment the server knows only what
 * a shell and Node let through (shells rename and drop variables, Node takes everything for UTF-8).
 */

import { readFileSync } from "node:fs";
import { textOf } from "./byte-text.js";

/** Texts are those of byte-text.ts. */
export interface Caller {
	/** What follows `mosh-server` on the command line. */
	readonly words: readonly string[];
	/** The environment in its order, usually `NAME=VALUE`; a name may be there twice, and an entry without `=`. */
	readonly entries: readonly string[];
	readonly signals: SignalSets;
}

/** Sets of signals as 16 hexadecimal digits, as in /proc/PID/status. */
export interface SignalSets {
	readonly ignored: string;
	readonly blocked: string;
}

const NO_SIGNALS: SignalSets = { ignored: "0", blocked: "0" };
/** The launcher ignores it from its first line on, whatever it was before. */
const SIGUSR1_BIT = 1n << 9n;

/**
 * @param launcher process id of the launcher, which waits meanwhile
 * @param words the server's own command line as Node decoded it
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

/** The last of the launcher's words are the server's, unless somebody else has started the server. */
function originalWords(launchers: readonly string[], decoded: readonly string[]): readonly string[] {
	const last = decoded.length === 0 ? [] : launchers.slice(-decoded.length);
	const same = (word: string, index: number): boolean => asDecoded(word) === asDecoded(decoded[index] ?? "");
	return last.length === decoded.length && last.every(same) ? last : decoded;
}

/** How many replacement characters stand for a run of bytes that are not UTF-8 is the decoder's choice. */
function asDecoded(text: string): string {
	return text.replaceAll(/[\udc80-\udcff\ufffd]+/gu, "\ufffd");
}

function listOf(path: string): string[] | undefined {
	try {
		const bytes = readFileSync(path);
		const list: string[] = [];
		for (let from = 0, to: number; from < bytes.length; from = to + 1) {
			to = bytes.indexOf(0, from);
			if (to < 0) to = bytes.length;
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
