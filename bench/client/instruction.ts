/** Instructions, their compression and fragments (protocol §2.1 to §2.3), and the two diffs they carry (protocol §4.1, §4.2). */

import { randomBytes, randomInt } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { bytesField, fields, numberField } from "./protobuf.js";

export interface Instruction {
	readonly oldNum: bigint;
	readonly newNum: bigint;
	readonly ackNum: bigint;
	readonly throwawayNum: bigint;
	readonly diff: Buffer;
}

const HEADER = 10;
const FINAL = 0x8000;
/** Fragment contents that fit one IPv4 datagram (protocol §1.7). */
const ROOM = 1214;
const CHAFF = 16;

/** The payloads (without timestamps) that carry `instruction` under `id`, which must be fresh. */
export function encode(instruction: Instruction, id: bigint): Buffer[] {
	const message = Buffer.concat([
		numberField(1, 2n),
		numberField(2, instruction.oldNum),
		numberField(3, instruction.newNum),
		numberField(4, instruction.ackNum),
		numberField(5, instruction.throwawayNum),
		bytesField(6, instruction.diff),
		bytesField(7, randomBytes(randomInt(CHAFF + 1))),
	]);
	const packed = deflateSync(message);
	const fragments: Buffer[] = [];
	for (let start = 0; start < packed.length; start += ROOM) {
		const last = start + ROOM >= packed.length;
		const header = Buffer.alloc(HEADER);
		header.writeBigUInt64BE(id);
		header.writeUInt16BE(fragments.length | (last ? FINAL : 0), 8);
		fragments.push(Buffer.concat([header, packed.subarray(start, start + ROOM)]));
	}
	return fragments;
}

/** Collects the fragments of one instruction at a time. */
export class Assembler {
	#id = -1n;
	#parts: (Buffer | undefined)[] = [];
	#total: number | undefined;

	/** The instruction that `payload` completes, if it does. */
	add(payload: Buffer): Instruction | undefined {
		const id = payload.readBigUInt64BE();
		const number = payload.readUInt16BE(8);
		if (id !== this.#id) {
			this.#id = id;
			this.#parts = [];
			this.#total = undefined;
		}
		this.#parts[number & ~FINAL] = payload.subarray(HEADER);
		if (number & FINAL) {
			this.#total = (number & ~FINAL) + 1;
		}
		const present = this.#parts.filter((part) => part !== undefined);
		if (present.length !== this.#total) {
			return undefined;
		}
		this.#parts = [];
		this.#total = undefined;
		return decode(inflateSync(Buffer.concat(present)));
	}
}

function decode(message: Buffer): Instruction {
	const numbers = new Map<number, bigint>();
	let diff: Buffer = Buffer.alloc(0);
	for (const field of fields(message)) {
		numbers.set(field.number, field.value);
		if (field.number === 6) {
			diff = field.bytes;
		}
	}
	const get = (number: number): bigint => numbers.get(number) ?? 0n;
	return { oldNum: get(2), newNum: get(3), ackNum: get(4), throwawayNum: get(5), diff };
}

/** What the user did: typed bytes, or gave the window another size. */
export type UserEvent = Buffer | { readonly columns: number; readonly rows: number };

/** Runs of bytes become one keystroke instruction, as the stock client does (protocol §4.1). */
export function userDiff(events: readonly UserEvent[]): Buffer {
	const instructions: Buffer[] = [];
	let run: Buffer[] = [];
	const endRun = (): void => {
		if (run.length > 0) {
			instructions.push(bytesField(2, bytesField(4, Buffer.concat(run))));
		}
		run = [];
	};
	for (const event of events) {
		if (Buffer.isBuffer(event)) {
			run.push(event);
		} else {
			endRun();
			const size = [numberField(5, BigInt(event.columns)), numberField(6, BigInt(event.rows))];
			instructions.push(bytesField(3, Buffer.concat(size)));
		}
	}
	endRun();
	return Buffer.concat(instructions.map((instruction) => bytesField(1, instruction)));
}

/** The host string of a terminal diff (protocol §4.2); empty when only the echo ack or the size changed. */
export function hostString(diff: Buffer): Buffer {
	const parts: Buffer[] = [];
	for (const instruction of fields(diff)) {
		for (const part of fields(instruction.bytes)) {
			if (part.number !== 2) {
				continue;
			}
			for (const bytes of fields(part.bytes)) {
				parts.push(bytes.bytes);
			}
		}
	}
	return Buffer.concat(parts);
}
