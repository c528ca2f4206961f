/**
 * The messages on the guard's two unix sockets: JSON, one object per line, UTF-8 (docs/guard-protocol.md).
 * Shared by the privileged guard and the unprivileged mosh-server, so it imports nothing.
 */

export const PROTOCOL_VERSION = 1;

/** Everybody may connect (mode 0666): what is said here is a hint, so it needs no credentials. */
export const PUBLIC_SOCKET = "/run/mosh-portguard/guard.sock";
/**
 * Each user's own socket beside the public one, by uid: mode 0600 and his, so being able to connect says who it is. Tried
 * first; a guard may have none for somebody whom it has not met.
 */
export function userSocket(uid: number, publicSocket = PUBLIC_SOCKET): string {
	return `${publicSocket.slice(0, publicSocket.lastIndexOf("/"))}/users/${uid}`;
}
/** Mode 0600 in root's folder: being able to connect is the credential. */
/** How long a login may wait for its port: the original promises its first line in well under the client's patience. */
export const REPORT_BUDGET_MS = 2000;

/** Bytes of one line to the guard, newline included. The longest honest message has under 300. */
export const MAX_REQUEST_LINE = 4096;
/** Characters of one line from the guard: a full status of 1000 sessions has about 350,000. */
export const MAX_ANSWER_LINE = 4 * 1024 * 1024;

export type WireFamily = "ipv4" | "ipv6";

/** A UDP socket by its local address. `address` is numeric, without brackets or a zone. */
export interface WireSocket {
	readonly family: WireFamily;
	readonly address: string;
	/** 1–65535 */
	readonly port: number;
}

/** "I bound this socket": the connection that carries it is the session's lease. At most one per connection. */
export interface Report extends WireSocket {
	readonly type: "report";
	readonly pid: number;
}

/** What the session knows of its client. Only after a report on the same connection; it has no answer. */
export interface Update {
	readonly type: "update";
	/** The address the client last sent from; absent before its first datagram. */
	readonly client?: { readonly address: string; readonly port: number };
	/** Milliseconds since an authentic datagram came from the client. */
	readonly silentMs?: number;
	/** Milliseconds since the user last typed. */
	readonly idleMs?: number;
}

/** "Is this socket's port open?", asked for a server that does not report; answered like a report, but no lease. */
export interface Ask extends WireSocket {
	readonly type: "ask";
}

export interface StatusRequest {
	readonly type: "status";
}

/** "Reconcile now, rules read back from the firewall." `dryRun` answers what would change and changes nothing. */
export interface SyncRequest {
	readonly type: "sync";
	readonly dryRun?: boolean;
}

/** "A login is under way: look closely." `seconds` is 1–60. */
export interface ArmRequest {
	readonly type: "arm";
	readonly seconds: number;
}

/** Admin socket only: keep this port shut until the servers that hold it now have ended. */
export interface CloseRequest {
	readonly type: "close";
	readonly port: number;
	readonly dryRun?: boolean;
}

/** Admin socket only: a guard starts that stays. A watcher ends then, and leaves what is open to it. */
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
/** It ends now; its lock is free in a moment. */
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

/** The message in one line, or what is wrong with it. Unknown keys are ignored, so that later versions may add some. */
export function decodeRequest(line: string): Request | { readonly error: string } {
	const fields = parseObject(line);
	if (fields === undefined) return { error: "not a JSON object" };
	if (fields.v !== PROTOCOL_VERSION) return { error: `"v" must be ${PROTOCOL_VERSION}` };
	switch (fields.type) {
		case "report": {
			const socket = socketOf(fields);
			if (socket === undefined || !integerIn(fields.pid, 1, 2 ** 31 - 1)) return badSocket("report");
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
			if (!integerIn(fields.seconds, 1, 60)) return { error: '"seconds" must be an integer, 1–60' };
			return { type: "arm", seconds: fields.seconds };
		case "close":
			if (!integerIn(fields.port, 1, 65535)) return { error: '"port" must be an integer, 1–65535' };
			return { type: "close", port: fields.port, dryRun: fields.dryRun === true };
		default:
			return { error: '"type" is none of report, update, ask, status, sync, arm, close, yield' };
	}
}

/** The guard is trusted with the shape of what it says; only the envelope is checked. */
export function decodeAnswer(line: string): Answer | undefined {
	const fields = parseObject(line);
	if (fields === undefined || fields.v !== PROTOCOL_VERSION || typeof fields.type !== "string")
		return undefined;
	return fields as unknown as Answer;
}

/** Cuts a byte stream into lines. Memory is bounded by `limit`: a longer line ends the stream. */
export class LineReader {
	#pending = "";
	readonly #limit: number;

	/** `limit`: characters of one line, newline excluded. */
	constructor(limit: number) {
		this.#limit = limit;
	}

	/** The lines that are complete now, or undefined once a line is too long. */
	push(text: string): string[] | undefined {
		const lines = (this.#pending + text).split("\n");
		this.#pending = lines.pop() ?? "";
		if (this.#pending.length > this.#limit || lines.some((line) => line.length > this.#limit))
			return undefined;
		return lines;
	}
}

type Fields = Readonly<Record<string, unknown>>;

function decodeUpdate(fields: Fields): Update | { readonly error: string } {
	const { client, silentMs, idleMs } = fields;
	const update: { -readonly [K in keyof Update]: Update[K] } = { type: "update" };
	if (client !== undefined) {
		const { address, port } = isObject(client) ? client : {};
		if (!isAddressText(address) || !integerIn(port, 1, 65535))
			return { error: '"client" must be {address, port}' };
		update.client = { address, port };
	}
	if (silentMs !== undefined) {
		if (!integerIn(silentMs, 0, Number.MAX_SAFE_INTEGER))
			return { error: '"silentMs" must be an integer ≥ 0' };
		update.silentMs = silentMs;
	}
	if (idleMs !== undefined) {
		if (!integerIn(idleMs, 0, Number.MAX_SAFE_INTEGER)) return { error: '"idleMs" must be an integer ≥ 0' };
		update.idleMs = idleMs;
	}
	return update;
}

function socketOf(fields: Fields): WireSocket | undefined {
	const { family, address, port } = fields;
	if (family !== "ipv4" && family !== "ipv6") return undefined;
	if (!isAddressText(address) || !integerIn(port, 1, 65535)) return undefined;
	return { family, address, port };
}

function badSocket(type: string): { readonly error: string } {
	const pid = type === "report" ? ", pid" : "";
	return { error: `"${type}" needs family (ipv4 or ipv6), address (numeric), port (1–65535)${pid}` };
}

/** Numeric by its alphabet: safe in logs and terminals. What it means is decided by comparison with the kernel's table. */
function isAddressText(value: unknown): value is string {
	return typeof value === "string" && /^[0-9A-Fa-f:.]{2,45}$/.test(value);
}

function integerIn(value: unknown, low: number, high: number): value is number {
	return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

function isObject(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(line: string): Fields | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}
