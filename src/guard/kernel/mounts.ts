/** Identifies the mount that a path leads to by the kernel's number of it: different mounts may be at the same path. */

import { closeSync, openSync, readFileSync } from "node:fs";

/** open(2); not among Node's constants. Opens without reading from the file system, which may be a user's own. */
const O_PATH = 0o10000000;

/** Undefined if it cannot be determined. */
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
