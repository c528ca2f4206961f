/**
 * The lock that keeps two guards from running at once: each would close what the other opened.
 *
 * Node has no flock(2), and its alternatives have races: a pid file or a stale unix socket must be examined and then removed, and
 * in between another process may have replaced it. So util-linux's `flock` (essential on Debian) takes the lock on a descriptor
 * that it inherits. The lock belongs to the open file description, which we keep after `flock` has exited; the kernel releases it
 * when this process ends in any way, and as the file is never removed, nothing becomes stale.
 * (An abstract socket would have no races either, but any user could bind its name first.)
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
/** Number of the inherited descriptor in the child: the first after stdin, stdout and stderr. */
const CHILD_DESCRIPTOR = "3";
/** Exit code if the lock is taken, see `flock --conflict-exit-code`. */
const TAKEN = 75;

export interface Lock {
	release(): void;
}

/** @throws GuardError `already-running` if another process holds it, `lock-failed` if that cannot be determined */
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
	if (status === 0) {
		return { release: () => closeSync(descriptor) };
	}
	closeSync(descriptor);
	if (status === TAKEN) {
		throw new GuardError("already-running", `another guard holds the lock ${file}`);
	}
	throw new GuardError("lock-failed", `${FLOCK} could not lock ${file}`, { cause: error });
}

/** Whoever can open a file can lock it: only the guard's user and root. */
const MODE = 0o600;
const PERMISSIONS = 0o777;
const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
/** The folder may belong to an unprivileged guard: root must not follow a link in it, nor block on a pipe. */
const OPEN = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK;

function open(file: string): number {
	const own = process.geteuid?.() ?? 0;
	try {
		const made = openSync(file, OPEN | O_CREAT | O_EXCL, MODE);
		// Whatever the umask is. If root has created it, it belongs to the owner of the folder.
		fchmodSync(made, MODE);
		const { uid, gid } = lstatSync(dirname(file));
		if (uid !== own) {
			fchownSync(made, uid, gid);
		}
		return made;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
			throw error;
		}
	}
	const there = lstatSync(file);
	// An earlier version may have created it with another mode.
	if (there.isFile() && there.uid === own && (there.mode & PERMISSIONS) !== MODE) {
		chmodSync(file, MODE);
	}
	const descriptor = openSync(file, OPEN);
	if (fstatSync(descriptor).isFile()) {
		return descriptor;
	}
	closeSync(descriptor);
	throw new Error(`${file} is not a regular file`);
}
