/**
 * Writes to a pty's master without blocking. Node cannot be notified when a full terminal accepts input again (libuv's
 * tty handles block on a master), so a timer retries, less often the longer the program does not read.
 */

import { writeSync } from "node:fs";

/** Shortest and longest pause between attempts to write to a full terminal (ms). */
const RETRY_FIRST_MS = 1;
const RETRY_LONGEST_MS = 50;

export class PtyWriter {
	readonly #fd: number;
	#queue: Uint8Array[] = [];
	#unwritten = 0;
	#pause = RETRY_FIRST_MS;
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;

	/** @param fd the master, in non-blocking mode */
	constructor(fd: number) {
		this.#fd = fd;
	}

	/** Bytes that the terminal has not accepted yet. */
	get unwritten(): number {
		return this.#unwritten;
	}

	/** Writes what the terminal accepts now and queues the rest. `bytes` must not be modified afterwards. */
	write(bytes: Uint8Array): void {
		if (this.#stopped || bytes.length === 0) {
			return;
		}
		this.#queue.push(bytes);
		this.#unwritten += bytes.length;
		if (this.#timer === undefined) {
			this.#drain();
		}
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
