/**
 * The messages on the guard's two unix sockets: JSON, one object per line, UTF-8 (docs/guard-protocol.md).
 * Shared by the privileged guard and the unprivileged mosh-server, so this file imports nothing.
 */

export const PROTOCOL_VERSION = 1;

/** Mode 0666: messages are hints, so they need no credentials. */
export const PUBLIC_SOCKET = "/run/mosh-portguard/guard.sock";
/**
 * The user's own socket, next to the public one: owned by the user, mode 0600, so that being able to connect identifies the user.
 * Clients try it first; the guard may not have created it yet.
 */
export function userSocket(uid: number, publicSocket = PUBLIC_SOCKET): string {
	return `${publicSocket.slice(0, publicSocket.lastIndexOf("/"))}/users/${uid}`;
}
/** Milliseconds that a login may wait for its port: well below the time that clients wait for a server's first line. */
export const REPORT_BUDGET_MS = 2000;

/** Maximum bytes of one line to the guard, with newline. The longest regular message has under 300. */
export const MAX_REQUEST_LINE = 4096;
/** Maximum characters of one line from the guard. A full status of 1000 sessions has about 350,000. */
export const MAX_ANSWER_LINE = 4 * 1024 * 1024;

export type WireFamily = "ipv4" | "ipv6";

/** A UDP socket by its local address. `address` is numeric, without brackets or a zone. */
export interface WireSocket {
	readonly family: WireFamily;
	readonly address: string;
	/** 1–65535 */
	readonly port: number;
}

/** "This process bound this socket": the connection becomes the session's lease. At most one per connection. */
export interface Report extends WireSocket {
	readonly type: "report";
	readonly pid: number;
}

/** What the session knows of its client. Only after a report on the same connection; not answered. */
export interface Update {
	readonly type: "update";
	/** The address the client last sent from; absent before its first datagram. */
	readonly client?: { readonly address: string; readonly port: number };
	/** Milliseconds since the last authentic datagram from the client. */
	readonly silentMs?: number;
	/** Milliseconds since the user's last input. */
	readonly idleMs?: number;
	/** Clients that watch the session and are there. */
	readonly watchers?: number;
	/** The session has ended; its client is away and is waited for, to be told. */
	readonly ending?: boolean;
}

/** "Is this socket's port open?", for a server that does not report. Answered like a report, without a lease. */
export interface Ask extends WireSocket {
	readonly type: "ask";
}

export interface StatusRequest {
	readonly type: "status";
}

/** "Reconcile now, with the rules read back from the firewall." With `dryRun`, the answer is what would change. */
export interface SyncRequest {
	readonly type: "sync";
	readonly dryRun?: boolean;
}

/** "A login is under way: scan frequently." `seconds` is 1–60. */
export interface ArmRequest {
	readonly type: "arm";
	readonly seconds: number;
}

/** Admin socket only: keep this port closed until the servers that hold it now have ended. */
export interface CloseRequest {
	readonly type: "close";
	readonly port: number;
	readonly dryRun?: boolean;
}

/** Admin socket only: a permanent guard starts. An on-demand guard then ends and leaves what is open to it. */
export interface YieldRequest {
	readonly type: "yield";
}

export type Request =
	| Report
	| Update
	| Ask
	| StatusRequest
	| SyncRequest
	| ArmRequest
	| CloseRequest
	| YieldRequest;

export interface OpenAnswer {
	readonly type: "open";
}
/** `code` is stable and listed in docs/guard-protocol.md; `reason` is a sentence for the user. */
export interface RefusedAnswer {
	readonly type: "refused";
	readonly code: string;
	readonly reason: string;
}
export interface StatusAnswer {
	readonly type: "status";
	/** See src/guard/report/status.ts; carries its own `schema` number. */
	readonly status: unknown;
}
export interface SyncedAnswer {
	readonly type: "synced";
	readonly opened: readonly WireSocket[];
	readonly closed: readonly WireSocket[];
	readonly dryRun: boolean;
}
export interface ArmedAnswer {
	readonly type: "armed";
	readonly seconds: number;
}
/** The guard ends now; its lock is free in a moment. */
export interface YieldedAnswer {
	readonly type: "yielded";
}
export interface ErrorAnswer {
	readonly type: "error";
	readonly code: "bad-message" | "too-fast" | "not-permitted" | "firewall-failed" | "failed";
	readonly reason: string;
}
export type Answer =
	| OpenAnswer
	| RefusedAnswer
	| StatusAnswer
	| SyncedAnswer
	| ArmedAnswer
	| YieldedAnswer
	| ErrorAnswer;

export function encode(message: Request | Answer): string {
	return `${JSON.stringify({ v: PROTOCOL_VERSION, ...message })}\n`;
}

/** Decodes one line, or says what is wrong with it. Unknown keys are ignored, so that later versions may add some. */
export function decodeRequest(line: string): Request | { readonly error: string } {
	const fields = parseObject(line);
	if (fields === undefined) {
		return { error: "not a JSON object" };
	}
	if (fields.v !== PROTOCOL_VERSION) {
		return { error: `"v" must be ${PROTOCOL_VERSION}` };
	}
	switch (fields.type) {
		case "report": {
			const socket = socketOf(fields);
			if (socket === undefined || !integerIn(fields.pid, 1, 2 ** 31 - 1)) {
				return badSocket("report");
			}
			return { type: "report", ...socket, pid: fields.pid };
		}
		case "ask": {
			const socket = socketOf(fields);
			return socket === undefined ? badSocket("ask") : { type: "ask", ...socket };
		}
		case "update":
			return decodeUpdate(fields);
		case "status":
		case "yield":
			return { type: fields.type };
		case "sync":
			return { type: "sync", dryRun: fields.dryRun === true };
		case "arm":
			if (!integerIn(fields.seconds, 1, 60)) {
				return { error: '"seconds" must be an integer, 1–60' };
			}
			return { type: "arm", seconds: fields.seconds };
		case "close":
			if (!integerIn(fields.port, 1, 65535)) {
				return { error: '"port" must be an integer, 1–65535' };
			}
			return { type: "close", port: fields.port, dryRun: fields.dryRun === true };
		default:
			return { error: '"type" is none of report, update, ask, status, sync, arm, close, yield' };
	}
}

/** The guard is trusted, so only version and type are checked. Undefined for anything else. */
export function decodeAnswer(line: string): Answer | undefined {
	const fields = parseObject(line);
	if (fields === undefined || fields.v !== PROTOCOL_VERSION || typeof fields.type !== "string") {
		return undefined;
	}
	return fields as unknown as Answer;
}

/** Splits a stream into lines, with bounded memory. */
export class LineReader {
	#pending = "";
	readonly #limit: number;

	/** @param limit maximum characters of a line, without newline */
	constructor(limit: number) {
		this.#limit = limit;
	}

	/** The lines that are complete now, or undefined if a line is too long, which must end the stream. */
	push(text: string): string[] | undefined {
		const lines = (this.#pending + text).split("\n");
		this.#pending = lines.pop() ?? "";
		if (this.#pending.length > this.#limit || lines.some((line) => line.length > this.#limit)) {
			return undefined;
		}
		return lines;
	}
}

/** Of an object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

function decodeUpdate(fields: Fields): Update | { readonly error: string } {
	const { client, silentMs, idleMs, watchers, ending } = fields;
	const update: { -readonly [K in keyof Update]: Update[K] } = { type: "update" };
	if (client !== undefined) {
		const { address, port } = isObject(client) ? client : {};
		if (!isAddressText(address) || !integerIn(port, 1, 65535)) {
			return { error: '"client" must be {address, port}' };
		}
		update.client = { address, port };
	}
	if (silentMs !== undefined) {
		if (!integerIn(silentMs, 0, Number.MAX_SAFE_INTEGER)) {
			return { error: '"silentMs" must be an integer ≥ 0' };
		}
		update.silentMs = silentMs;
	}
	if (idleMs !== undefined) {
		if (!integerIn(idleMs, 0, Number.MAX_SAFE_INTEGER)) {
			return { error: '"idleMs" must be an integer ≥ 0' };
		}
		update.idleMs = idleMs;
	}
	if (watchers !== undefined) {
		if (!integerIn(watchers, 0, 1000)) {
			return { error: '"watchers" must be an integer, 0–1000' };
		}
		update.watchers = watchers;
	}
	if (ending !== undefined) {
		if (typeof ending !== "boolean") {
			return { error: '"ending" must be true or false' };
		}
		update.ending = ending;
	}
	return update;
}

function socketOf(fields: Fields): WireSocket | undefined {
	const { family, address, port } = fields;
	if (family !== "ipv4" && family !== "ipv6") {
		return undefined;
	}
	if (!isAddressText(address) || !integerIn(port, 1, 65535)) {
		return undefined;
	}
	return { family, address, port };
}

function badSocket(type: string): { readonly error: string } {
	const pid = type === "report" ? ", pid" : "";
	return { error: `"${type}" needs family (ipv4 or ipv6), address (numeric), port (1–65535)${pid}` };
}

/** Checks the alphabet only, which makes it safe in logs and terminals. It is then compared with the kernel's table. */
function isAddressText(value: unknown): value is string {
	return typeof value === "string" && /^[0-9A-Fa-f:.]{2,45}$/.test(value);
}

function integerIn(value: unknown, low: number, high: number): value is number {
	return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

/** Neither null nor a list. */
export function isObject(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined for what is no object of JSON. */
export function parseObject(line: string): Fields | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}
