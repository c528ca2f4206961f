/**
 * The warning about mosh sessions of the same user without a client (protocol §6.4), which are recognised by the host
 * field that mosh servers write to utmp.
 */

import { existsSync, readFileSync } from "node:fs";

/** `struct utmp` of Linux on 64-bit systems (utmp(5)). */
const RECORD = { size: 384, type: 0, line: 8, lineSize: 32, user: 44, userSize: 32, host: 76, hostSize: 256 };
const USER_PROCESS = 7;

/** Host fields (`mosh [PID]`) of the user's detached sessions whose terminal exists and whose server lives. */
export function detachedSessions(
	utmp: Uint8Array,
	user: string,
	ownHost: string,
	terminalExists: (line: string) => boolean,
	lives: (pid: number) => boolean,
): string[] {
	const bytes = Buffer.from(utmp.buffer, utmp.byteOffset, utmp.byteLength);
	const found: string[] = [];
	for (let at = 0; at + RECORD.size <= bytes.length; at += RECORD.size) {
		const text = (offset: number, size: number): string => {
			const field = bytes.toString("utf8", at + offset, at + offset + size);
			return field.replace(/\0.*$/s, "");
		};
		const host = text(RECORD.host, RECORD.hostSize);
		if (
			bytes.readInt16LE(at + RECORD.type) === USER_PROCESS &&
			text(RECORD.user, RECORD.userSize) === user &&
			host.startsWith("mosh ") &&
			host.endsWith("]") &&
			host !== ownHost &&
			terminalExists(text(RECORD.line, RECORD.lineSize)) &&
			lives(Number(/\d+(?=\]$)/.exec(host)?.[0]))
		) {
			found.push(host);
		}
	}
	return found;
}

/** White on blue, as the stock server prints it; empty if there are no such sessions. */
export function detachedWarning(hosts: readonly string[]): string {
	const [only] = hosts;
	if (only === undefined) {
		return "";
	}
	const text =
		hosts.length === 1
			? `Mosh: You have a detached Mosh session on this server (${only}).\r\n\r\n`
			: `Mosh: You have ${hosts.length} detached Mosh sessions on this server, with PIDs:\r\n${hosts
					.map((host) => `        - ${host}\r\n`)
					.join("")}\r\n`;
	return `\x1b[37;44m${text}\x1b[m`;
}

/**
 * The warning for `user` from this host's utmp; empty where there is no utmp, as on Debian 13.
 * @param known process ids of servers that are told of otherwise
 */
export function warnOfDetachedSessions(user: string, ownHost: string, known: ReadonlySet<number>): string {
	try {
		const utmp = readFileSync("/run/utmp");
		const lives = (pid: number): boolean => !known.has(pid) && mayBeSignalled(pid);
		const terminalExists = (line: string): boolean => existsSync(`/dev/${line}`);
		return detachedWarning(detachedSessions(utmp, user, ownHost, terminalExists, lives));
	} catch {
		return "";
	}
}

/** Whether a process of this user has that id: a server that was killed leaves its record, and ids are used again. */
function mayBeSignalled(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
