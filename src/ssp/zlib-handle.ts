/**
 * A zlib stream that is used again for each message that fits. Node's functions for whole messages make a stream of Node for each, which
 * costs several times what zlib itself does. Uses what Node keeps inside its streams; where that is not as it is here, nothing is reused.
 */

import { constants, type Deflate, type Inflate } from "node:zlib";

/** Not public, and the same from Node 20 to 24. */
interface Internals {
	readonly _handle: Handle;
	/** Bytes of the output and of the input that the last write has left over. */
	readonly _writeState: Uint32Array;
}

interface Handle {
	writeSync(
		flush: number,
		input: Uint8Array,
		inputOffset: number,
		inputLength: number,
		output: Uint8Array,
		outputOffset: number,
		outputLength: number,
	): void;
	reset(): void;
	onerror: () => void;
}

export class ZlibHandle {
	readonly #internals: Internals | undefined;
	readonly #output: Uint8Array;
	#failed = false;

	/**
	 * @param stream used for nothing else
	 * @param room bytes of the longest output
	 */
	constructor(stream: Deflate | Inflate, room: number) {
		this.#output = new Uint8Array(room);
		this.#internals = isKnown(stream) ? stream : undefined;
		if (this.#internals !== undefined) {
			this.#internals._handle.onerror = () => {
				this.#failed = true;
			};
		}
	}

	/** What one whole stream is made of `bytes`, or makes of them; undefined if it does not fit or is not one. */
	run(bytes: Uint8Array): Buffer | undefined {
		if (this.#internals === undefined) {
			return undefined;
		}
		const { _handle: handle, _writeState: left } = this.#internals;
		const output = this.#output;
		this.#failed = false;
		handle.reset();
		handle.writeSync(constants.Z_FINISH, bytes, 0, bytes.length, output, 0, output.length);
		const [room = 0, unread = 0] = left;
		return this.#failed || room === 0 || unread > 0
			? undefined
			: Buffer.from(output.subarray(0, output.length - room));
	}
}

function isKnown(stream: unknown): stream is Internals {
	const { _handle: handle, _writeState: left } = stream as Partial<Internals>;
	return (
		typeof handle?.writeSync === "function" &&
		typeof handle.reset === "function" &&
		left instanceof Uint32Array
	);
}
