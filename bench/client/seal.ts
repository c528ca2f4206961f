/** Datagram encryption by Node's own AES-128-OCB (protocol §1.1). */

import { createCipheriv, createDecipheriv } from "node:crypto";

const TAG = 16;
const NONCE = 8;
const TO_CLIENT = 1n << 63n;

export class Seal {
	readonly #key: Buffer;
	#sequence = 0n;

	/** `key` as in `MOSH CONNECT`. */
	constructor(key: string) {
		this.#key = Buffer.from(key, "base64");
	}

	/** A datagram towards the server. */
	seal(plaintext: Uint8Array): Buffer {
		const nonce = Buffer.alloc(NONCE);
		nonce.writeBigUInt64BE(this.#sequence++);
		const cipher = createCipheriv("aes-128-ocb", this.#key, iv(nonce), { authTagLength: TAG });
		return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
	}

	/** Throws when `datagram` is not an authentic one from the server. */
	open(datagram: Buffer): { readonly sequence: bigint; readonly plaintext: Buffer } {
		const nonce = datagram.subarray(0, NONCE);
		const sequence = nonce.readBigUInt64BE() ^ TO_CLIENT;
		if (sequence >= TO_CLIENT) {
			throw new RangeError("a datagram in our own direction");
		}
		const decipher = createDecipheriv("aes-128-ocb", this.#key, iv(nonce), { authTagLength: TAG });
		decipher.setAuthTag(datagram.subarray(-TAG));
		const head = decipher.update(datagram.subarray(NONCE, -TAG));
		return { sequence, plaintext: Buffer.concat([head, decipher.final()]) };
	}
}

function iv(nonce: Uint8Array): Buffer {
	return Buffer.concat([Buffer.alloc(4), nonce]);
}
