/**
 * One program on a pseudo-terminal. Uses node-pty's native fork and resize, but not its Terminal class: that decodes
 * text unless IUTF8 is given up, closes the master 200 ms after the program's exit even if output is unread, and retries
 * a write to a full terminal in a busy loop. Here, bytes go in and out, a session ends with the end of the output, and
 * `PtyWriter` does the writing.
 */

import { readSync } from "node:fs";
import type { OnReadOpts, SocketConstructorOpts } from "node:net";
import { ReadStream } from "node:tty";
import { runWithMaster } from "./master-child.js";
import type { PtyBinding } from "./pty-binding.js";
import { PtyWriter } from "./pty-writer.js";
import { SignalKeys } from "./signal-keys.js";

/**
 * What a master has to read at most (N_TTY_BUF_SIZE less one). A read that fills the buffer is followed by another, without asking
 * the kernel in between whether there is more.
 */
const READ_BUFFER_BYTES = 4095;
/**
 * For so long (ms) such reads follow each other, and then other events get their turn. It is not a number of reads: one that finds
 * less than it could take waits in the kernel for what is being printed, 0.4 ms where lines are short, now and then 4.
 */
export const READING_TURN_MS = 1;
/** A helper that takes longer (ms) is ended. */
const HELPER_LIMIT_MS = 2000;

export interface PtyProgram {
	/** Absolute path of the helper native/boundary.c, which becomes the program. */
	readonly boundary: string;
	readonly args: readonly string[];
	/** `NAME=VALUE`, the whole environment. */
	readonly environment: readonly string[];
	/** Working directory; empty: the server's. */
	readonly directory: string;
	readonly columns: number;
	readonly rows: number;
}

/** What a session needs of a pty. Output and end are reported to its owner by `PtyListener`. */
export interface Pty {
	/** Queues bytes for the program. What it does not read stays in memory, up to UNWRITTEN_MAX_BYTES. */
	write(bytes: Uint8Array): void;
	/** Bytes that the kernel has not accepted yet. */
	readonly unwritten: number;
	resize(columns: number, rows: number): void;
	/** Stops reading output. */
	stopReading(): void;
	/** Closes the master, which hangs up the terminal. */
	close(): void;
}

export interface PtyListener {
	/** `bytes` are only valid during the call. */
	output(bytes: Uint8Array): void;
	/**
	 * All output has been passed on, and no program has the terminal open any more (or it failed). Called once. The master
	 * stays open until `close`.
	 */
	end(): void;
}

export class NativePty implements Pty {
	readonly pid: number;
	/** File descriptor of the master. */
	readonly fd: number;
	readonly #binding: PtyBinding;
	readonly #stream: MasterStream;
	readonly #writer: PtyWriter;
	readonly #signalKeys: SignalKeys;
	/** Since when nothing but output has been read (ms). */
	#readingSince: number | undefined;
	#stopped = false;

	/** @throws Error if no pty or process could be created */
	constructor(binding: PtyBinding, program: PtyProgram, listener: PtyListener) {
		this.#binding = binding;
		const { boundary, args, environment, directory, columns, rows } = program;
		const ignoreExit = (): void => {};
		const utf8 = true;
		const forked = binding.fork(
			boundary,
			args,
			environment,
			directory,
			columns,
			rows,
			-1,
			-1,
			utf8,
			"",
			ignoreExit,
		);
		this.pid = forked.pid;
		this.fd = forked.fd;
		this.#writer = new PtyWriter(forked.fd);
		this.#signalKeys = new SignalKeys(this.#writer, async (after, keys) => {
			const words = ["clear", ...[after, ...keys].map(String)];
			return (await runWithMaster(forked.fd, boundary, words, HELPER_LIMIT_MS)) ?? 0;
		});
		// One buffer for all reads; the option is missing from the constructor's published type.
		const options: SocketConstructorOpts & { onread: OnReadOpts } = {
			// The end is handled below.
			allowHalfOpen: true,
			onread: {
				buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
				callback: (length, bytes) => {
					listener.output(length === bytes.length ? bytes : bytes.subarray(0, length));
					return this.#readsOn(length === bytes.length);
				},
			},
		};
		this.#stream = new MasterStream(forked.fd, options, () => {
			this.#signalKeys.stop();
			this.#writer.stop();
			listener.end();
		});
		this.#stream.once("end", () => {
			this.#readRest(listener);
			this.#stream.destroy();
		});
		// Linux reports EIO when the other side has been closed by its last holder.
		this.#stream.on("error", () => {});
		this.#stream.resume();
	}

	/**
	 * Once the other side has closed, libuv takes a read that does not fill the buffer for the last one, but a pty
	 * returns at most a page at a time. At most 64 KiB are left in the kernel's buffers.
	 */
	#readRest(listener: PtyListener): void {
		const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);
		try {
			for (;;) {
				const length = readSync(this.fd, buffer);
				if (length === 0) {
					return;
				}
				listener.output(buffer.subarray(0, length));
			}
		} catch {
			// EIO: the end of the output.
		}
	}

	/** Whether to read on in this turn. @param full the last read has filled the buffer */
	#readsOn(full: boolean): boolean {
		if (!full) {
			this.#readingSince = undefined;
			return true;
		}
		const now = performance.now();
		this.#readingSince ??= now;
		if (now - this.#readingSince < READING_TURN_MS) {
			return true;
		}
		this.#readingSince = undefined;
		setImmediate(() => {
			if (!this.#stopped && !this.#stream.destroyed) {
				this.#stream.resume();
			}
		});
		return false;
	}

	get unwritten(): number {
		return this.#writer.unwritten;
	}

	write(bytes: Uint8Array): void {
		if (!this.#stream.destroyed) {
			this.#signalKeys.typed(bytes);
			this.#writer.write(bytes);
		}
	}

	resize(columns: number, rows: number): void {
		if (!this.#stream.destroyed) {
			this.#binding.resize(this.fd, columns, rows);
		}
	}

	stopReading(): void {
		this.#stopped = true;
		this.#stream.pause();
	}

	close(): void {
		this.#stream.destroy();
		this.#stream.release();
	}
}

/** A terminal's output, whose descriptor stays open at its end until it is released: the helper of utmp needs it. */
class MasterStream extends ReadStream {
	readonly #ended: () => void;
	#released = false;
	#close: (() => void) | undefined;

	/** @param ended called once, at the end, after an error, or when destroyed */
	constructor(fd: number, options: SocketConstructorOpts, ended: () => void) {
		super(fd, options);
		this.#ended = ended;
	}

	override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
		this.#close = () => super._destroy(error, callback);
		// After an error, libuv would report it again and again.
		(this as unknown as { _handle: { readStop(): void } })._handle.readStop();
		this.#ended();
		if (this.#released) {
			this.#close();
		}
	}

	/** Closes the descriptor, now or as soon as the stream is destroyed. */
	release(): void {
		if (!this.#released) {
			this.#released = true;
			this.#close?.();
		}
	}
}
