/** Formats a status as text for people. Values from users or the kernel are numbers or paths; paths are escaped. */

import { PORT_STATES, type PortState, type PortStatus, type Status } from "../../guard/report/status.js";
import { endpoint } from "../../system/addresses.js";

export function formatStatus(status: Status, nameOf: (uid: number) => string): string {
	const { guard, firewall, problems, ports, leftOver } = status;
	const up = guard.upSeconds === undefined ? "" : `, pid ${guard.pid}, up ${duration(guard.upSeconds)}`;
	const lines = [
		`guard     ${guard.running ? `running${up}` : "not running"}`,
		`firewall  ${firewall.name}${firewall.healthy || firewall.name === "unknown" ? "" : " (failing)"}: ${firewall.reason}`,
		`ports     ${counts(ports)}`,
	];
	if (ports.length > 0) {
		lines.push("", ...formatPorts(ports, nameOf));
	}
	for (const opening of leftOver) {
		lines.push(`left over: ${endpoint(opening)} is open but no session holds it`);
	}
	if (problems.length > 0) {
		lines.push("", ...problems.map(({ code, message }) => `problem   ${code}: ${message}`));
	}
	return `${lines.join("\n")}\n`;
}

export function formatPorts(ports: readonly PortStatus[], nameOf: (uid: number) => string): string[] {
	const rows = bySession(ports).map((port) => [
		endpoint(port),
		port.state,
		nameOf(port.uid),
		port.pid === undefined ? "-" : String(port.pid),
		duration(port.ageSeconds),
		port.client === undefined ? "-" : endpoint(port.client),
		port.silentSeconds === undefined ? "-" : duration(port.silentSeconds),
		printable(remarks(port).join("; ")),
	]);
	return table([["PORT", "STATE", "USER", "PID", "AGE", "CLIENT", "HEARD", ""], ...rows]);
}

/** The ports of one session next to each other, the one where its client was heard last first. */
function bySession(ports: readonly PortStatus[]): PortStatus[] {
	const first = new Map<number, number>();
	for (const [at, { pid }] of ports.entries()) {
		if (pid !== undefined && !first.has(pid)) {
			first.set(pid, at);
		}
	}
	const place = (port: PortStatus, at: number): number =>
		port.pid === undefined ? at : (first.get(port.pid) ?? at);
	return [...ports.entries()]
		.map(([at, port]) => ({ port, at: place(port, at) }))
		.sort((a, b) => a.at - b.at || silence(a.port) - silence(b.port))
		.map(({ port }) => port);
}

function silence({ silentSeconds = Number.POSITIVE_INFINITY }: PortStatus): number {
	return silentSeconds;
}

function remarks({ reason, note, ending, watchers }: PortStatus): string[] {
	const watched = watchers === undefined ? undefined : `${watchers} watching`;
	return [reason, note, ending ? "ending" : undefined, watched].filter((text) => text !== undefined);
}

/** The two largest units: `3d4h`, `12m5s`, `8s`. */
export function duration(seconds: number): string {
	const units = [
		["d", 86_400],
		["h", 3600],
		["m", 60],
		["s", 1],
	] as const;
	let rest = Math.floor(seconds);
	const parts: string[] = [];
	for (const [unit, size] of units) {
		const amount = Math.floor(rest / size);
		rest -= amount * size;
		if (amount > 0 && parts.length < 2) {
			parts.push(`${amount}${unit}`);
		}
	}
	return parts.join("") || "0s";
}

/** `90`, `90s`, `15m`, `12h`, `7d` in seconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
	const match = /^(\d{1,9})([smhd]?)$/.exec(text);
	const sizes: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };
	return match === null ? undefined : Number(match[1]) * (sizes[match[2] ?? ""] as number);
}

/** Escapes control characters: a file name may contain sequences that control a terminal. */
export function printable(text: string): string {
	return text.replace(/\p{Cc}/gu, (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`);
}

export function json(value: unknown): string {
	return `${JSON.stringify(value, undefined, "\t")}\n`;
}

/** Of states that are seldom only where there are any. */
function counts(ports: readonly PortStatus[]): string {
	const always: readonly PortState[] = ["open", "pending", "refused"];
	return PORT_STATES.filter((state) => always.includes(state) || count(ports, state) > 0)
		.map((state) => `${count(ports, state)} ${state}`)
		.join(", ");
}

function count(ports: readonly PortStatus[], state: PortStatus["state"]): number {
	return ports.filter((port) => port.state === state).length;
}

function table(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, i) => cell.padEnd(widths[i] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}
