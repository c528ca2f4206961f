/** Instructions longer than a datagram travel in fragments (protocol §2.1). */

import { SspError } from "./errors.js";

export const FRAGMENT_HEADER = 10;
const FINAL_BIT = 0x8000;
/** No instruction of at most 4 MiB deflates to more than this: anything longer is refused. */
const ASSEMBLED_MAX = 4_194_304 + 65_536;

export interface Fragment {
	readonly id: bigint;
	/** 0 to 32767. */
	readonly number: number;
	readonly final: boolean;
	readonly contents: Uint8Array;
}

export function encodeFragment(fragment: Fragment): Uint8Array {
	const bytes = new Uint8Array(FRAGMENT_HEADER + fragment.contents.length);
	const view = new DataView(bytes.buffer);
	view.setBigUint64(0, fragment.id);
	view.setUint16(8, fragment.number | (fragment.final ? FINAL_BIT : 0));
	bytes.set(fragment.contents, FRAGMENT_HEADER);
	return bytes;
}

/** Throws `SspError` if the header is incomplete. The contents share memory with `payload`. */
export function decodeFragment(payload: Uint8Array): Fragment {
	if (payload.length < FRAGMENT_HEADER) {
		throw new SspError("bad-fragment", "A fragment is shorter than its header.");
	}
	const view = new DataView(payload.buffer, payload.byteOffset, FRAGMENT_HEADER);
	const number = view.getUint16(8);
	return {
		id: view.getBigUint64(0),
		number: number & ~FINAL_BIT,
		final: (number & FINAL_BIT) !== 0,
		contents: payload.subarray(FRAGMENT_HEADER),
	};
}

/** Cuts instructions. Each gets a new id: the same id must never stand for different bytes. */
export class Fragmenter {
	#lastId = 0n;

	/** Fragments of at most `maxPayload` bytes including the header; all but the last are full. */
	cut(instruction: Uint8Array, maxPayload: number): Fragment[] {
		const id = ++this.#lastId;
		const size = maxPayload - FRAGMENT_HEADER;
		const fragments: Fragment[] = [];
		for (let start = 0; start === 0 || start < instruction.length; start += size) {
			fragments.push({
				id,
				number: fragments.length,
				final: start + size >= instruction.length,
				contents: instruction.subarray(start, start + size),
			});
		}
		return fragments;
	}
}

/** Joins fragments, one instruction at a time: a fragment of another instruction discards those received so far. */
export class Assembler {
	#id: bigint | undefined;
	#parts: (Uint8Array | undefined)[] = [];
	#count = 0;
	#bytes = 0;
	#total: number | undefined;

	/** Bytes of an incomplete instruction. */
	get bufferedBytes(): number {
		return this.#bytes;
	}

	/**
	 * The instruction's bytes once `fragment` completes it. Throws `SspError` for fragments that contradict
	 * others of the same id, which are then ignored.
	 */
	add(fragment: Fragment): Uint8Array | undefined {
		if (fragment.id !== this.#id) {
			this.#clear();
			this.#id = fragment.id;
		}
		const { number, final, contents } = fragment;
		if (final && number === 0 && this.#count === 0) {
			return contents;
		}
		const known = this.#parts[number];
		if (known !== undefined) {
			if (Buffer.compare(known, contents) !== 0 || (final && this.#total !== number + 1)) {
				this.#contradiction();
			}
			return undefined;
		}
		if (final ? this.#parts.length > number + 1 : number >= (this.#total ?? Number.POSITIVE_INFINITY)) {
			this.#contradiction();
		}
		if (this.#bytes + contents.length > ASSEMBLED_MAX) {
			this.#clear();
			throw new SspError("bad-fragment", "An instruction's fragments are too long together.");
		}
		this.#parts[number] = contents;
		this.#count++;
		this.#bytes += contents.length;
		if (final) {
			this.#total = number + 1;
		}
		if (this.#count !== this.#total) {
			return undefined;
		}
		const whole = Buffer.concat(this.#parts as Uint8Array[]);
		this.#clear();
		return whole;
	}

	#contradiction(): never {
		throw new SspError("bad-fragment", "Two fragments of one instruction contradict each other.");
	}

	#clear(): void {
		this.#parts = [];
		this.#count = 0;
		this.#bytes = 0;
		this.#total = undefined;
	}
}
