/** The serialised difference between two screens (protocol §4.2). The string is defined by the terminal. */

import { host } from "./messages/generated/messages.js";
import { decodeMessage, toBigInt, toLong } from "./messages/wire.js";

export interface HostMessage {
	/** Number of a client state that this screen has had at least 50 ms to react to, if it differs from the base's. */
	readonly echoAck?: bigint;
	/** The new size, if it differs from the base's. */
	readonly resize?: { readonly columns: number; readonly rows: number };
	/** Turns the base's screen into the new one; absent or empty if they are the same. */
	readonly hostString?: Uint8Array;
}

/** Echo ack, resize and string, in this order, each in an instruction of its own. Empty if there are none. */
export function encodeHostMessage({ echoAck, resize, hostString }: HostMessage): Uint8Array {
	const instruction: host.Instruction.$Properties[] = [];
	if (echoAck !== undefined) {
		instruction.push({ echoAck: { echoAckNum: toLong(echoAck) } });
	}
	if (resize) {
		instruction.push({ resize: { width: resize.columns, height: resize.rows } });
	}
	if (hostString && hostString.length > 0) {
		instruction.push({ hostBytes: { hostString } });
	}
	return host.HostMessage.encode({ instruction }).finish();
}

/**
 * The parts of a diff in order, one per entry, as a client applies them: of an instruction with several parts, only the
 * first of string, size and echo ack counts. Bytes share memory with the input. Throws `SspError` if it does not parse.
 */
export function decodeHostMessage(bytes: Uint8Array): HostMessage[] {
	const parts: HostMessage[] = [];
	for (const { hostBytes, resize, echoAck } of decodeMessage(host.HostMessage, bytes).instruction) {
		if (hostBytes) {
			parts.push({ hostString: hostBytes.hostString ?? new Uint8Array(0) });
		} else if (resize) {
			parts.push({ resize: { columns: resize.width ?? 0, rows: resize.height ?? 0 } });
		} else if (echoAck) {
			parts.push({ echoAck: echoAck.echoAckNum ? toBigInt(echoAck.echoAckNum) : 0n });
		}
	}
	return parts;
}
