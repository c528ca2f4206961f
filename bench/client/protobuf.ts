/** The few protobuf forms the three messages use: varints and length-delimited fields (protocol §2.3, §4.1, §4.2). */

export interface Field {
	readonly number: number;
	/** A varint field's value; 0 for a length-delimited one. */
	readonly value: bigint;
	/** A length-delimited field's bytes; empty for a varint. */
	readonly bytes: Buffer;
}

const EMPTY = Buffer.alloc(0);

export function varint(value: bigint): Buffer {
	const bytes: number[] = [];
	let rest = value;
	while (rest > 0x7fn) {
		bytes.push(Number(rest & 0x7fn) | 0x80);
		rest >>= 7n;
	}
	bytes.push(Number(rest));
	return Buffer.from(bytes);
}

export function numberField(number: number, value: bigint): Buffer {
	return Buffer.concat([varint(BigInt(number << 3)), varint(value)]);
}

export function bytesField(number: number, bytes: Uint8Array): Buffer {
	return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

/** The fields of `message` in order. Throws `RangeError` on anything the three messages do not use. */
export function* fields(message: Buffer): Generator<Field> {
	let offset = 0;
	const next = (): bigint => {
		let value = 0n;
		for (let shift = 0n; ; shift += 7n) {
			const byte = message.readUInt8(offset++);
			value |= BigInt(byte & 0x7f) << shift;
			if (byte < 0x80) {
				return value;
			}
		}
	};
	while (offset < message.length) {
		const tag = Number(next());
		const number = tag >> 3;
		const kind = tag & 7;
		if (kind === 0) {
			yield { number, value: next(), bytes: EMPTY };
		} else if (kind === 2) {
			const length = Number(next());
			yield { number, value: 0n, bytes: message.subarray(offset, offset + length) };
			offset += length;
		} else {
			throw new RangeError(`field ${number} has wire type ${kind}`);
		}
	}
}
