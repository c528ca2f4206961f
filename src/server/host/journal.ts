/**
 * Logs the start of a session, each client that connects, and the end to the host's journal or syslog. Best effort:
 * nothing waits for it, and failures are ignored.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createConnection } from "node:net";

/** The sockets, as a parameter for tests. */
export interface JournalSockets {
	/** journald's stream socket (systemd-journald.service(8)): takes a header of seven lines, then messages. */
	readonly journal: string;
	readonly syslog: string;
}

const SOCKETS: JournalSockets = { journal: "/run/systemd/journal/stdout", syslog: "/dev/log" };
const IDENTIFIER = "mosh-server";
/** syslog(3)'s LOG_INFO. */
const PRIORITY = 6;

export type Journal = (message: string) => void;

/** Logs to the journal where there is one, else to syslog by logger(1), else nowhere. One message after the other, as they came. */
export function hostJournal({ journal, syslog } = SOCKETS): Journal {
	if (existsSync(journal)) {
		return inOrder((message, sent) => {
			const header = [IDENTIFIER, "", PRIORITY, 0, 0, 0, 0].join("\n");
			const socket = createConnection(journal).on("error", () => {});
			// By journald, when it has read the message.
			socket.on("close", sent).resume();
			socket.end(`${header}\n${message}\n`);
			socket.unref();
		});
	}
	if (existsSync(syslog)) {
		return inOrder((message, sent) => {
			const words = ["-t", `${IDENTIFIER}[${process.pid}]`, "-p", "auth.info", "--", message];
			// Only what is needed of the environment: utmp.ts has the reason.
			const { PATH } = process.env;
			spawn("logger", words, { stdio: "ignore", env: PATH === undefined ? {} : { PATH } })
				.on("error", sent)
				.on("exit", sent)
				.unref();
		});
	}
	return () => {};
}

/** @param send calls `sent` when the next one may follow */
function inOrder(send: (message: string, sent: () => void) => void): Journal {
	let last = Promise.resolve();
	return (message) => {
		last = last.then(() => new Promise((resolve) => send(message, resolve)));
	};
}
