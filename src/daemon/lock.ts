/**
 * Two guards never run at once, or each would close what the other opened.
 *
 * Node has no flock(2), and what it has instead races: a pid file or a stale unix socket must be examined and then
 * removed, and between the two another may have replaced it. So util-linux's `flock` (essential on Debian) takes the
 * lock on a descriptor it inherits from us. A flock belongs to the open file, which we keep after `flock` has ended; the
 * kernel releases it when we end, however we end, and since the file is never removed there is nothing stale to examine.
 * (An abstract socket would also be free of races, but any user could bind its name first.)
 */

import { spawnSync } from "node:child_process";
import {
	chmodSync,
	closeSync,
	constants,
	fchmodSync,
	fchownSync,
	fstatSync,
	lstatSync,
	openSync,
} from "node:fs";
import { dirname } from "node:path";
import { GuardError } from "../guard-protocol/errors.js";
import { messageOf } from "../system/errors.js";

const FLOCK = "/usr/bin/flock";
/** Where the child finds the descriptor: first after stdin, stdout and stderr. */
const CHILD_DESCRIPTOR = "3";
/** As `flock --conflict-exit-code` is told to answer. */
const TAKEN = 75;

export interface Lock {
	release(): void;
}

/** Throws `already-running` when another guard has it, `lock-failed` when it cannot be told. */
export function takeLock(file: string): Lock {
	let descriptor: number;
	try {
		descriptor = open(file);
	} catch (cause) {
		throw new GuardError("lock-failed", `cannot open the lock: ${messageOf(cause)}`, { cause });
	}
	const { status, error } = spawnSync(
		FLOCK,
		["--exclusive", "--nonblock", "--conflict-exit-code", String(TAKEN), CHILD_DESCRIPTOR],
		{ stdio: ["ignore", "ignore", "ignore", descriptor], env: {} },
	);
	if (status === 0) return { release: () => closeSync(descriptor) };
	closeSync(descriptor);
	if (status === TAKEN) throw new GuardError("already-running", `another guard holds the lock ${file}`);
	throw new GuardError("lock-failed", `${FLOCK} could not lock ${file}`, { cause: error });
}

/** Who can open a file can lock it: the guard's user and root alone. */
const MODE = 0o600;
const PERMISSIONS = 0o777;
const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
/** The folder may be the unprivileged guard's, and root is not to be led elsewhere, nor to wait at a pipe. */
const OPEN = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK;

function open(file: string): number {
	const own = process.geteuid?.() ?? 0;
	try {
		const made = openSync(file, OPEN | O_CREAT | O_EXCL, MODE);
		// Whatever the umask took away. Made by root it is for whose folder it is in.
		fchmodSync(made, MODE);
		const { uid, gid } = lstatSync(dirname(file));
		if (uid !== own) fchownSync(made, uid, gid);
		return made;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
	const there = lstatSync(file);
	// One that an earlier version made beneath a user's umask.
	if (there.isFile() && there.uid === own && (there.mode & PERMISSIONS) !== MODE) chmodSync(file, MODE);
	const descriptor = openSync(file, OPEN);
	if (fstatSync(descriptor).isFile()) return descriptor;
	closeSync(descriptor);
	throw new Error(`${file} is not a regular file`);
}
