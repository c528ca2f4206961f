/** Runs helpers that need a pty's master. */

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";

/**
 * The master's descriptor in the helper. Not its standard input, although that is where utempter looks for it: libuv makes the
 * first three descriptors of a child blocking, and that holds for the server too, since both share one open file description. A
 * program that does not read would then block the whole session at the next key.
 */
export const MASTER_FD_IN_CHILD = 3;

/**
 * Runs a program that has `masterFd` as MASTER_FD_IN_CHILD and nothing else: no environment either, since Node lengthens
 * variables that are not UTF-8, and spawn() throws if one becomes too long for the kernel. `masterFd` is needed only during the
 * call itself, which never throws.
 * @param limitMs ends it after this time; 0: never
 * @returns its exit status; undefined if it did not start or was ended
 */
export function runWithMaster(
	masterFd: number,
	file: string,
	words: readonly string[],
	limitMs = 0,
): Promise<number | undefined> {
	return new Promise((resolve) => {
		const stdio: StdioOptions = ["ignore", "ignore", "ignore", masterFd];
		let child: ChildProcess;
		try {
			child = spawn(file, words, { stdio, env: {}, timeout: limitMs });
		} catch {
			resolve(undefined);
			return;
		}
		child.once("error", () => resolve(undefined));
		child.once("exit", (status) => resolve(status ?? undefined));
	});
}
