/** One UDP payload: the nonce in clear, then timestamps and a fragment under OCB (protocol §1.1). */

import { NONCE_BYTES, Ocb, TAG_BYTES } from "./crypto/ocb.js";
import { SspError } from "./errors.js";

/** The direction bit and the 63-bit sequence number. */
const SEQUENCE_BYTES = 8;
const TIMESTAMPS_BYTES = 4;
const DIRECTION_BIT = 1n << 63n;
/** Bytes that a datagram adds to its payload. */
export const DATAGRAM_OVERHEAD = SEQUENCE_BYTES + TIMESTAMPS_BYTES + TAG_BYTES;
/** Longer UDP payloads are discarded unread; nothing in the protocol makes one over 1252 bytes. */
export const DATAGRAM_MAX = 2048;
/** Blocks one side may encrypt with a key: half of OCB's 2^48, since both sides share the key. */
export const KEY_BLOCK_LIMIT = 2 ** 47;

export interface Datagram {
	readonly toClient: boolean;
	/** 0 to 2^63 - 1. */
	readonly sequence: bigint;
	/** Milliseconds modulo 65536, or `NO_TIMESTAMP`; likewise the reply. */
	readonly timestamp: number;
	readonly timestampReply: number;
	readonly payload: Uint8Array;
}

/** Seals and opens the datagrams of one session. */
export class DatagramCipher {
	readonly #ocb: Ocb;
	readonly #blockLimit: number;
	#blocks = 0;
	readonly #nonce = new Uint8Array(NONCE_BYTES);
	readonly #nonceView = new DataView(this.#nonce.buffer);
	readonly #plaintext = new Uint8Array(DATAGRAM_MAX);

	constructor(key: Uint8Array, blockLimit = KEY_BLOCK_LIMIT) {
		this.#ocb = new Ocb(key, DATAGRAM_MAX);
		this.#blockLimit = blockLimit;
	}

	/**
	 * The UDP payload. Sequence numbers must not repeat; they cannot run out before the key does.
	 * Throws `SspError` `key-exhausted` once 2^47 blocks are encrypted: the session is over.
	 */
	seal(datagram: Datagram): Uint8Array {
		const { payload } = datagram;
		const length = TIMESTAMPS_BYTES + payload.length;
		this.#blocks += Math.ceil(length / 16);
		if (this.#blocks >= this.#blockLimit) {
			throw new SspError("key-exhausted", "The session key has reached its limit.");
		}
		const sequence = datagram.toClient ? datagram.sequence | DIRECTION_BIT : datagram.sequence;
		this.#nonceView.setBigUint64(NONCE_BYTES - SEQUENCE_BYTES, sequence);
		const plaintext = this.#plaintext;
		plaintext[0] = datagram.timestamp >>> 8;
		plaintext[1] = datagram.timestamp;
		plaintext[2] = datagram.timestampReply >>> 8;
		plaintext[3] = datagram.timestampReply;
		plaintext.set(payload, TIMESTAMPS_BYTES);
		const bytes = new Uint8Array(SEQUENCE_BYTES + length + TAG_BYTES);
		bytes.set(this.#nonce.subarray(NONCE_BYTES - SEQUENCE_BYTES));
		this.#ocb.seal(this.#nonce, plaintext.subarray(0, length), bytes.subarray(SEQUENCE_BYTES));
		return bytes;
	}

	/** The content of a UDP payload, copied; `undefined` if it is not authentic or too short. */
	open(bytes: Uint8Array): Datagram | undefined {
		if (bytes.length < SEQUENCE_BYTES + TAG_BYTES || bytes.length > DATAGRAM_MAX) {
			return undefined;
		}
		this.#nonce.set(bytes.subarray(0, SEQUENCE_BYTES), NONCE_BYTES - SEQUENCE_BYTES);
		const plaintext = this.#ocb.open(this.#nonce, bytes.subarray(SEQUENCE_BYTES));
		if (plaintext === undefined || plaintext.length < TIMESTAMPS_BYTES) {
			return undefined;
		}
		const number = this.#nonceView.getBigUint64(NONCE_BYTES - SEQUENCE_BYTES);
		const view = new DataView(plaintext.buffer, plaintext.byteOffset, TIMESTAMPS_BYTES);
		return {
			toClient: number >= DIRECTION_BIT,
			sequence: BigInt.asUintN(63, number),
			timestamp: view.getUint16(0),
			timestampReply: view.getUint16(2),
			payload: plaintext.subarray(TIMESTAMPS_BYTES),
		};
	}
}
