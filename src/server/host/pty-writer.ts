/**
 * Writing to a pty's master without ever blocking. Node has no way to be told that a full terminal has room again
 * (libuv's tty handles block on a master), so a program that has stopped reading is looked after by a timer that
 * slows down while nothing moves.
 */

import { writeSync } from "node:fs";

/** First and longest pause between two tries to write to a full terminal (ms). */
const RETRY_FIRST_MS = 1;
const RETRY_LONGEST_MS = 50;

export class PtyWriter {
	readonly #fd: number;
	#queue: Uint8Array[] = [];
	#unwritten = 0;
	#pause = RETRY_FIRST_MS;
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;
	/** Calls of write(2) so far. */
	attempts = 0;

	/** @param fd the master, in non-blocking mode */
	constructor(fd: number) {
		this.#fd = fd;
	}

	/** Bytes that the terminal has not taken yet. */
	get unwritten(): number {
		return this.#unwritten;
	}

	/** Passes on what the terminal takes now and keeps the rest; `bytes` must not change any more. */
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

	/** Forgets what is left; the descriptor is about to be closed. */
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
					this.attempts++;
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
				// The terminal is gone; its reader hears of the end.
				this.stop();
				return;
			}
			this.#queue.splice(0, done);
			this.#timer = setTimeout(() => this.#drain(), this.#pause);
			this.#pause = Math.min(this.#pause * 2, RETRY_LONGEST_MS);
		}
	}
}
