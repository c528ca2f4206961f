/** Through which mount a path leads: the kernel's own number of it, which tells apart what has the same path. */

import { closeSync, openSync, readFileSync } from "node:fs";

/** Not among Node's constants. Neither reads the file nor asks its file system anything, which may be a user's own. */
const O_PATH = 0o10000000;

/** Undefined when it cannot be told. */
export function mountOf(path: string): string | undefined {
	let descriptor: number;
	try {
		descriptor = openSync(path, O_PATH);
	} catch {
		return undefined;
	}
	try {
		return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"))?.[1];
	} catch {
		return undefined;
	} finally {
		closeSync(descriptor);
	}
}
