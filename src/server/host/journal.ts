/**
 * One line each for the begin of a session, a client that connects and the end, in the host's journal or syslog.
 * Best effort: nothing waits for it and no failure is heard of.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createConnection } from "node:net";

/** journald's stream socket (systemd-journald.service(8)): a header of seven lines, then messages. */
const JOURNAL_SOCKET = "/run/systemd/journal/stdout";
const SYSLOG_SOCKET = "/dev/log";
const IDENTIFIER = "mosh-server";
/** syslog(3)'s LOG_INFO. */
const PRIORITY = 6;

export type Journal = (message: string) => void;

/** The journal where there is one, else syslog through logger(1), else nothing. */
export function hostJournal(): Journal {
	if (existsSync(JOURNAL_SOCKET)) {
		return (message) => {
			const header = [IDENTIFIER, "", PRIORITY, 0, 0, 0, 0].join("\n");
			const socket = createConnection(JOURNAL_SOCKET).on("error", () => {});
			socket.end(`${header}\n${message}\n`);
			socket.unref();
		};
	}
	if (existsSync(SYSLOG_SOCKET)) {
		return (message) => {
			const words = ["-t", `${IDENTIFIER}[${process.pid}]`, "-p", "auth.info", "--", message];
			// Not the whole environment: see utmp.ts.
			const { PATH } = process.env;
			spawn("logger", words, { stdio: "ignore", env: PATH === undefined ? {} : { PATH } })
				.on("error", () => {})
				.unref();
		};
	}
	return () => {};
}
