/** A file of the kernel's that is read again and again: it is kept open, so that a reading is one system call instead of four. */

import { openSync, readSync } from "node:fs";

/** Bytes: more than any file has that is read so. */
const SIZE = 4096;

const buffer = Buffer.allocUnsafe(SIZE);

export class KeptFile {
	readonly #path: string;
	#file: number | undefined;

	/** It stays open as long as the process lives. */
	constructor(path: string) {
		this.#path = path;
	}

	/**
	 * As it is now, its beginning.
	 * @throws what keeps it from being opened or read
	 */
	read(): string {
		this.#file ??= openSync(this.#path, "r");
		return buffer.toString("latin1", 0, readSync(this.#file, buffer, 0, SIZE, 0));
	}
}
