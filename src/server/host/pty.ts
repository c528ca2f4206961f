/**
 * One program on a pseudo-terminal. Uses node-pty's native fork and resize with a tty stream of our own on the
 * master instead of node-pty's Terminal class, because that class decodes text unless IUTF8 is given up, closes
 * the master 200 ms after the program's exit whether or not its output was read, and retries a write to a full
 * terminal in a busy loop. Here bytes go in and out, the end is the end of the output, and see `PtyWriter`.
 */

import { readSync } from "node:fs";
import type { OnReadOpts, SocketConstructorOpts } from "node:net";
import { ReadStream } from "node:tty";
import type { PtyBinding } from "./pty-binding.js";
import { PtyWriter } from "./pty-writer.js";

/** One read of a master yields at most a page; several are joined by libuv before other events get a turn. */
const READ_BUFFER_BYTES = 16384;

export interface PtyProgram {
	readonly file: string;
	readonly args: readonly string[];
	/** `NAME=VALUE`, the whole environment. */
	readonly environment: readonly string[];
	/** Working directory; empty keeps the server's. */
	readonly directory: string;
	readonly columns: number;
	readonly rows: number;
}

/** What a session asks of a pty. Its owner hears of output and the end through `PtyListener`. */
export interface Pty {
	/** Queues bytes for the program; what it does not read yet waits in memory. */
	write(bytes: Uint8Array): void;
	/** Bytes not yet taken by the kernel. */
	readonly unwritten: number;
	resize(columns: number, rows: number): void;
	/** No output is read any more. */
	stopReading(): void;
	/** Closes the master, which hangs up the terminal. */
	close(): void;
}

export interface PtyListener {
	/** `bytes` are only valid during the call. */
	output(bytes: Uint8Array): void;
	/** All output has been given, and no program holds the terminal any more (or it cannot be used). Once. */
	end(): void;
}

export class NativePty implements Pty {
	readonly pid: number;
	/** File descriptor of the master. */
	readonly fd: number;
	/** Device of the program's side, `/dev/pts/N`. */
	readonly device: string;
	readonly #binding: PtyBinding;
	readonly #stream: ReadStream;
	readonly #writer: PtyWriter;

	/** @throws Error when the host has no pty or no process to give */
	constructor(binding: PtyBinding, program: PtyProgram, listener: PtyListener) {
		this.#binding = binding;
		const { file, args, environment, directory, columns, rows } = program;
		const ignoreExit = (): void => {};
		const utf8 = true;
		const forked = binding.fork(
			file,
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
		this.device = forked.pty;
		this.#writer = new PtyWriter(forked.fd);
		// One buffer for all reads; the option is missing from the constructor's published type.
		const options: SocketConstructorOpts & { onread: OnReadOpts } = {
			// What follows the end is done here.
			allowHalfOpen: true,
			onread: {
				buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
				callback: (length, bytes) => {
					listener.output(bytes.subarray(0, length));
					return true;
				},
			},
		};
		this.#stream = new ReadStream(forked.fd, options);
		this.#stream.once("end", () => {
			this.#readRest(listener);
			this.#stream.destroy();
		});
		// EIO is how Linux says that the last holder of the other side has closed it.
		this.#stream.on("error", () => {});
		this.#stream.once("close", () => {
			this.#writer.stop();
			listener.end();
		});
		this.#stream.resume();
	}

	/**
	 * libuv takes a read that did not fill the buffer for the last one once the other side has closed, but a pty
	 * gives at most a page at a time. Whatever is left is in the kernel's buffers, some 64 KiB at most.
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
			// EIO: that was all.
		}
	}

	get unwritten(): number {
		return this.#writer.unwritten;
	}

	/** How often the kernel was asked to take some. */
	get writeAttempts(): number {
		return this.#writer.attempts;
	}

	write(bytes: Uint8Array): void {
		if (!this.#stream.destroyed) {
			this.#writer.write(bytes);
		}
	}

	resize(columns: number, rows: number): void {
		if (!this.#stream.destroyed) {
			this.#binding.resize(this.fd, columns, rows);
		}
	}

	stopReading(): void {
		this.#stream.pause();
	}

	close(): void {
		this.#writer.stop();
		this.#stream.destroy();
	}
}
