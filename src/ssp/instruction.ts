/** The transport instruction: which state a diff leads from and to, and what is acknowledged (protocol §2.3). */

import { chaff } from "./chaff.js";
import { SspError } from "./errors.js";
import { ssp } from "./messages/generated/messages.js";
import { decodeMessage, toBigInt, toLong } from "./messages/wire.js";

const PROTOCOL_VERSION = 2;

/** The number of the final state of a side that ends the session. */
export const SHUTDOWN_NUMBER = 2n ** 64n - 1n;

export interface Instruction {
	readonly oldNumber: bigint;
	readonly newNumber: bigint;
	readonly ack: bigint;
	readonly throwaway: bigint;
	/** Empty when the new state equals the old one. */
	readonly diff: Uint8Array;
}

/** All seven fields, as the stock programs send them. */
export function encodeInstruction(instruction: Instruction): Uint8Array {
	return ssp.TransportInstruction.encode({
		protocolVersion: PROTOCOL_VERSION,
		oldNum: toLong(instruction.oldNumber),
		newNum: toLong(instruction.newNumber),
		ackNum: toLong(instruction.ack),
		throwawayNum: toLong(instruction.throwaway),
		diff: instruction.diff,
		chaff: chaff(),
	}).finish();
}

/** Throws `SspError` if it does not parse or has another version. The diff shares memory with `bytes`. */
export function decodeInstruction(bytes: Uint8Array): Instruction {
	const message = decodeMessage(ssp.TransportInstruction, bytes);
	if (message.protocolVersion !== PROTOCOL_VERSION) {
		throw new SspError("bad-version", `The peer speaks protocol version ${message.protocolVersion}, not 2.`);
	}
	return {
		oldNumber: toBigInt(message.oldNum),
		newNumber: toBigInt(message.newNum),
		ack: toBigInt(message.ackNum),
		throwaway: toBigInt(message.throwawayNum),
		diff: message.diff,
	};
}
