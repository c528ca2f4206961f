/**
 * Writes to a pty's master without blocking. Node cannot be notified when a full terminal accepts input again (libuv's
 * tty handles block on a master), so a timer retries, less often the longer the program does not read.
 */

import { writeSync } from "node:fs";

/** Shortest and longest pause between attempts to write to a full terminal (ms). */
const RETRY_FIRST_MS = 1;
const RETRY_LONGEST_MS = 50;
/** What a program has not read beyond this is discarded: pastes are much shorter, and the memory is the host's. */
export const UNWRITTEN_MAX_BYTES = 32 << 20;

export class PtyWriter {
	readonly #fd: number;
	#queue: Uint8Array[] = [];
	#unwritten = 0;
	#accepted = 0;
	#pause = RETRY_FIRST_MS;
	#timer: NodeJS.Timeout | undefined;
	#held = false;
	#stopped = false;

	/** @param fd the master, in non-blocking mode */
	constructor(fd: number) {
		this.#fd = fd;
	}

	/** Bytes that the terminal has not accepted yet. */
	get unwritten(): number {
		return this.#unwritten;
	}

	/** Bytes that the terminal has accepted so far. */
	get accepted(): number {
		return this.#accepted;
	}

	/** Writes what the terminal accepts now and queues the rest. `bytes` must not be modified afterwards. */
	write(bytes: Uint8Array): void {
		const kept = bytes.subarray(0, UNWRITTEN_MAX_BYTES - this.#unwritten);
		if (this.#stopped || kept.length === 0) {
			return;
		}
		this.#queue.push(kept);
		this.#unwritten += kept.length;
		if (this.#timer === undefined && !this.#held) {
			this.#drain();
		}
	}

	/** Writes nothing until `resume` or `restart`, but queues. */
	hold(): void {
		this.#held = true;
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	/** Goes on writing. */
	resume(): void {
		if (this.#held && !this.#stopped) {
			this.#held = false;
			this.#pause = RETRY_FIRST_MS;
			this.#drain();
		}
	}

	/** As `resume`, with `bytes` in place of what is queued. */
	restart(bytes: Uint8Array): void {
		this.#queue = [];
		this.#unwritten = 0;
		this.write(bytes);
		this.resume();
	}

	/** Discards what is left. To be called before the descriptor is closed. */
	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		this.#queue = [];
		this.#unwritten = 0;
	}

	#drain(): void {
		this.#timer = undefined;
		let done = 0;
		try {
			for (; done < this.#queue.length; done++) {
				let rest = this.#queue[done] as Uint8Array;
				while (rest.length > 0) {
					const taken = writeSync(this.#fd, rest);
					this.#pause = RETRY_FIRST_MS;
					this.#unwritten -= taken;
					this.#accepted += taken;
					rest = rest.subarray(taken);
					this.#queue[done] = rest;
				}
			}
			this.#queue = [];
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EAGAIN") {
				// The terminal is gone; whoever reads from it learns of that.
				this.stop();
				return;
			}
			this.#queue.splice(0, done);
			this.#timer = setTimeout(() => this.#drain(), this.#pause);
			this.#pause = Math.min(this.#pause * 2, RETRY_LONGEST_MS);
		}
	}
}
