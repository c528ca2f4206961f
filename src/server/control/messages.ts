/**
 * The messages on the control socket of a user's mosh-server: one line of JSON each way, with a version. Unknown keys are
 * ignored, so that a later version may add some; a request that this version does not know is refused with a reason.
 */

import { type Fields, isObject, parseObject } from "../../guard-protocol/messages.js";
import type { PortRange, ServerOptions } from "../startup/arguments.js";

export const CONTROL_VERSION = 1;
/** Maximum bytes of a line, either way. The longest regular one, with a title, has about 2000. */
export const MAX_LINE_BYTES = 16_384;
/** But for a piece of a history: 64 Ki characters and a line that is as long as can be. */
export const MAX_HISTORY_BYTES = 1 << 20;

/** "A client is about to come": how it can reach this host, as far as the login that asks knows. */
export interface AttachRequest {
	readonly type: "attach";
	readonly bind: ServerOptions["bind"];
	/** Undefined where the client did not ask for any. */
	readonly ports?: PortRange;
	/** SSH_CONNECTION of the login that asks. */
	readonly ssh?: string;
	/** It is to see and not to type. */
	readonly watch: boolean;
}

/** "What has left the screen?": the lines from a number on, in pieces. */
export interface HistoryRequest {
	readonly type: "history";
	readonly from: number;
	readonly colours: boolean;
}

export type ControlRequest =
	| { readonly type: "who" }
	| { readonly type: "end" }
	| HistoryRequest
	| AttachRequest;

export interface SessionFacts {
	readonly type: "session";
	readonly pid: number;
	/** When it began (ms since the epoch). */
	readonly startedAt: number;
	/** `starting`: its first client has not come yet. `ending`: the program has ended, its client does not know yet. */
	readonly state: "starting" | "running" | "ending";
	readonly columns: number;
	readonly rows: number;
	readonly title: string;
	/** Name of the program in the foreground. */
	readonly program?: string;
	/** UDP ports, the newest first. */
	readonly ports: readonly number[];
	/** Address of the client, and how long ago (ms) it was heard and its user typed. */
	readonly client?: string;
	readonly silentMs?: number;
	readonly idleMs?: number;
	readonly watchers: number;
}

export type ControlReply =
	| SessionFacts
	| {
			readonly type: "admitted";
			readonly port: number;
			readonly key: string;
			readonly warnings: readonly string[];
	  }
	| { readonly type: "ending" }
	/** `next`: the line to ask for next; none if that is all. */
	| { readonly type: "history"; readonly text: string; readonly next?: number }
	/** `reason` is a sentence without its subject and full stop: "the guard refuses…" */
	| { readonly type: "refused"; readonly reason: string };

export function encode(message: ControlRequest | ControlReply): string {
	return `${JSON.stringify({ v: CONTROL_VERSION, ...message })}\n`;
}

/** Decodes one line, or says in words why it cannot be answered. */
export function decodeRequest(
	line: string,
): ControlRequest | { readonly type: "refused"; readonly reason: string } {
	const fields = parseObject(line);
	if (fields === undefined) {
		return refused("the request is not a line of JSON");
	}
	if (fields.v !== CONTROL_VERSION) {
		return refused(
			`its server runs another version, which speaks version ${CONTROL_VERSION} of the protocol`,
		);
	}
	switch (fields.type) {
		case "who":
		case "end":
			return { type: fields.type };
		case "history":
			return { type: "history", from: Number(fields.from) || 0, colours: fields.colours === true };
		case "attach":
			return attachRequest(fields) ?? refused("the request is incomplete");
		default:
			return refused("its server is older and does not support this request");
	}
}

/** Undefined for what this version does not understand. The answerer is the user's own server. */
export function decodeReply(line: string): ControlReply | undefined {
	const fields = parseObject(line);
	const known = ["session", "admitted", "ending", "history", "refused"];
	return fields !== undefined && fields.v === CONTROL_VERSION && known.includes(fields.type as string)
		? (fields as unknown as ControlReply)
		: undefined;
}

function attachRequest({ bind, ports, ssh, watch }: Fields): AttachRequest | undefined {
	const wanted = bindOf(bind);
	const range = portsOf(ports);
	if (wanted === undefined || range === null) {
		return undefined;
	}
	return {
		type: "attach",
		bind: wanted,
		...(range && { ports: range }),
		...(typeof ssh === "string" && { ssh }),
		watch: watch === true,
	};
}

function bindOf(value: unknown): ServerOptions["bind"] | undefined {
	const { kind, address } = isObject(value) ? value : {};
	if (kind === "any" || kind === "ssh") {
		return { kind };
	}
	return kind === "address" && typeof address === "string" ? { kind, address } : undefined;
}

/** Null if it is no range. */
function portsOf(value: unknown): PortRange | undefined | null {
	if (value === undefined) {
		return undefined;
	}
	const { first, last } = isObject(value) ? value : {};
	const isPort = (port: unknown): port is number =>
		Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65535;
	return isPort(first) && isPort(last) && first <= last ? { first, last } : null;
}

function refused(reason: string) {
	return { type: "refused", reason } as const;
}
