/** The recorded sessions and hand-made inputs of test/fixtures/wire, typed. Fields as its README says. */
import { readdirSync, readFileSync } from "node:fs";

const WIRE = new URL("../fixtures/wire/", import.meta.url);

export interface RecordedEvent {
	readonly keystroke?: { readonly keys_hex: string };
	readonly resize?: { readonly width: number; readonly height: number };
	readonly echoack?: { readonly echo_ack_num: string };
	readonly hostbytes?: { readonly hoststring_hex: string };
}

export interface RecordedPacket {
	readonly index: number;
	readonly t_ms: number;
	readonly direction: "to-server" | "to-client";
	readonly src_port: number;
	readonly raw_hex: string;
	readonly seq: string;
	readonly timestamp: number;
	readonly timestamp_reply: number;
	/** What a relay did with it, in relay captures. */
	readonly relay?: string;
	readonly fragment: {
		readonly id: string;
		readonly num: number;
		readonly final: boolean;
		readonly contents_len: number;
	};
	readonly instruction?: {
		readonly inflated_hex: string;
		readonly old_num: string;
		readonly new_num: string;
		readonly ack_num: string;
		readonly throwaway_num: string;
		readonly diff_hex: string;
		readonly diff: readonly RecordedEvent[];
	};
}

export interface RecordedSession {
	readonly file: string;
	readonly key_text: string;
	readonly key_hex: string;
	readonly packets: readonly RecordedPacket[];
}

export interface ReceiveCase {
	readonly name: string;
	readonly datagrams_hex: readonly string[];
	readonly expect: "accept" | "accept-once" | "drop" | "ignore-state" | "must-not-crash" | "shutdown";
}

export function readWireFixture<T>(file: string): T {
	return JSON.parse(readFileSync(new URL(file, WIRE), "utf8")) as T;
}

export function recordedSessions(): RecordedSession[] {
	const files = readdirSync(WIRE).filter((file) => file.startsWith("session-"));
	return files.sort().map((file) => ({ ...readWireFixture<RecordedSession>(file), file }));
}
