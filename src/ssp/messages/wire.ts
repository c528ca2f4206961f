/** What the three messages share: parse errors as ours, and 64-bit numbers without loss. */
import type Long from "long";
import protobuf from "protobufjs/minimal.js";
import { SspError } from "../errors.js";

/** A message class as generated. Decoding skips unknown fields; bytes it yields share the input's memory. */
interface MessageType<T> {
	decode(bytes: Uint8Array): T;
}

/** Throws `SspError` when the bytes do not parse. */
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

/** `value`: 0 to 2^64 - 1. The class is the one protobufjs itself reads into, which it declares less fully. */
export function toLong(value: bigint): Long {
	return new protobuf.util.Long(Number(value & 0xffffffffn) | 0, Number(value >> 32n) | 0, true) as Long;
}
