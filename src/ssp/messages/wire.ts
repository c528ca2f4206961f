/** Shared by the three messages: parse errors as SspError, and 64-bit numbers without loss. */

import type Long from "long";
import protobuf from "protobufjs/minimal.js";
import { SspError } from "../errors.js";

/** A generated message class. Decoding skips unknown fields; decoded bytes share the input's memory. */
interface MessageType<T> {
	decode(bytes: Uint8Array): T;
}

/** Throws `SspError` if the bytes do not parse. */
export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array): T {
	try {
		return type.decode(bytes);
	} catch (cause) {
		throw new SspError("bad-message", "A message cannot be parsed.", { cause });
	}
}

export function toBigInt(value: Long): bigint {
	const low = BigInt(value.low >>> 0);
	return value.high === 0 ? low : (BigInt(value.high >>> 0) << 32n) | low;
}

/** `value`: 0 to 2^64 - 1. The class is the one that protobufjs decodes to; its own declaration of it is incomplete. */
export function toLong(value: bigint): Long {
	return new protobuf.util.Long(Number(value & 0xffffffffn) | 0, Number(value >> 32n) | 0, true) as Long;
}
