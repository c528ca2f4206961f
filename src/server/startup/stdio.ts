/** The standard streams of the starting server: synchronous writes, and detaching from them so that ssh can exit. */

import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { messageOf } from "../../system/errors.js";

const CLOSE_ON_EXEC = 0o2000000;
/** A closed pipe, a closed terminal. */
const GONE: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO"]);

/** Writes all of `text` before returning, even to a non-blocking pipe. Throws if there is no reader. */
export function writeAll(fd: number, text: string): void {
	let rest: Uint8Array = Buffer.from(text);
	while (rest.length > 0) {
		try {
			rest = rest.subarray(writeSync(fd, rest));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EAGAIN") {
				throw error;
			}
		}
	}
}

/**
 * As `writeAll`, for texts that only people read: nothing depends on whether there still is a reader. mosh stops reading at
 * MOSH CONNECT, which often is before the rest has been written.
 */
export function tell(fd: number, text: string): void {
	try {
		writeAll(fd, text);
	} catch {
		// Nobody to tell.
	}
}

/** As `tell`, for what a command was asked for. Returns why it could not be written, unless its reader has seen enough. */
export function print(fd: number, text: string): string | undefined {
	try {
		writeAll(fd, text);
	} catch (error) {
		return GONE.has((error as NodeJS.ErrnoException).code) ? undefined : messageOf(error);
	}
	return undefined;
}

/**
 * Closes every descriptor through which this process could hold the ssh channel open: copies of standard input, output
 * and error, and anything else that was inherited (Node marks its own descriptors close-on-exec, but only the first few
 * of the inherited ones).
 * @param keep descriptors to leave open although they may be such copies
 * @param replaceStandard replace descriptors 0 to 2 by /dev/null; otherwise they are left as they are (-v)
 */
export function detachStdio(keep: readonly number[], replaceStandard: boolean): void {
	const standard = new Set([0, 1, 2].map(target).filter((name) => name !== undefined && !isShareable(name)));
	for (const name of readdirSync("/proc/self/fd")) {
		const fd = Number(name);
		const to = target(fd);
		if (fd > 2 && !keep.includes(fd) && to !== undefined && (standard.has(to) || !closesOnExec(fd))) {
			closeSync(fd);
		}
	}
	if (replaceStandard) {
		for (const fd of [0, 1, 2]) {
			if (target(fd) !== undefined) {
				closeSync(fd);
			}
			// open(2) returns the lowest free descriptor: the one just closed.
			openSync("/dev/null", "r+");
		}
	}
}

/** /dev/null may be opened by Node itself; it holds nothing open. */
function isShareable(name: string): boolean {
	return name === "/dev/null";
}

function target(fd: number): string | undefined {
	try {
		return readlinkSync(`/proc/self/fd/${fd}`);
	} catch {
		return undefined;
	}
}

function closesOnExec(fd: number): boolean {
	const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? "0";
	return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
}
