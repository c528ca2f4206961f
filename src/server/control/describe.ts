/** Formats sessions as text or JSON, for `list` and for the message at a login. */

import { roughly } from "../startup/port-holder.js";
import type { Asked } from "./ask.js";
import type { SessionFacts } from "./messages.js";

/** A client that is there is heard every 3 s. */
export const DETACHED_AFTER_MS = 10_000;

/** Of `list --json`: keys may be added, never changed. */
const SCHEMA = 1;

const COLUMNS = ["PID", "SINCE", "SIZE", "CLIENT", "HEARD", "TYPED", "PORT", "PROGRAM"] as const;

/** Whether the session's client has gone: not one whose client is just about to come, and not one that is over. */
export function isDetached({ facts }: Asked): boolean {
	return facts?.state === "running" && (facts.silentMs ?? 0) >= DETACHED_AFTER_MS;
}

export function listText(servers: readonly Asked[]): string {
	if (servers.length === 0) {
		return "No sessions.\n";
	}
	const table = [COLUMNS, ...servers.map(rowOf)];
	const widths = COLUMNS.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
	const lines = table.map((row) =>
		row
			.map((cell, at) => cell.padEnd(widths[at] ?? 0))
			.join("  ")
			.trimEnd(),
	);
	return `${lines.join("\n")}\n`;
}

export function listJson(servers: readonly Asked[]): string {
	const sessions = servers.map(({ pid, facts }) => {
		if (facts === undefined) {
			return { pid, state: "unknown" };
		}
		const { type, v, ...rest } = facts as Asked["facts"] & { readonly v?: number };
		return rest;
	});
	return `${JSON.stringify({ schema: SCHEMA, sessions }, undefined, 2)}\n`;
}

function rowOf({ pid, facts, silent }: Asked): string[] {
	if (facts === undefined) {
		return [`${pid}`, silent ? "does not answer" : "is of another version"];
	}
	const { startedAt, columns, rows, client, silentMs, idleMs, ports, state, program = "?", watchers } = facts;
	const ago = (ms: number | undefined): string => (ms === undefined ? "never" : `${roughly(ms / 1000)} ago`);
	const watched = watchers === 0 ? "" : `, ${watchers} watching`;
	return [
		`${pid}`,
		localTime(new Date(startedAt)),
		columns === 0 ? "-" : `${columns}x${rows}`,
		printable(client ?? "none yet"),
		ago(silentMs),
		ago(idleMs),
		ports.join(" "),
		`${state === "running" ? printable(program) : `(${state})`}${watched}`,
	];
}

/** As 2026-11-29 14:05, in the time zone of the host. */
function localTime(date: Date): string {
	const two = (part: number): string => String(part).padStart(2, "0");
	const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
	return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Without characters that could control a terminal. */
function printable(text: string): string {
	return text.replaceAll(/[^ -~]/g, "?");
}

/**
 * The message at a login: the detached sessions, each with the command that reattaches to it. White on blue, as the stock server
 * prints its own. Empty if there are none.
 * @param destination as one would write it after `mosh`
 */
export function detachedText(servers: readonly Asked[], destination: string): string {
	const detached = servers.filter(isDetached);
	if (detached.length === 0) {
		return "";
	}
	const many = detached.length === 1 ? "a detached session" : `${detached.length} detached sessions`;
	const lines = detached.map(({ pid, facts }) => {
		const { program = "?", silentMs = 0 } = facts as SessionFacts;
		const command = `mosh --server="mosh-portguard-server attach ${pid}" ${destination}`;
		return `  ${printable(program)}, heard ${roughly(silentMs / 1000)} ago:  ${command}\r\n`;
	});
	return `\x1b[37;44mMosh: You have ${many} on this server. To reattach, run on your own computer:\r\n${lines.join("")}\x1b[m\r\n`;
}
