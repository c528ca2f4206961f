/** The session's entry in `who`, written by the setgid helper of libutempter (protocol §6.6). */

import { existsSync } from "node:fs";
import { MASTER_FD_IN_CHILD, runWithMaster } from "./master-child.js";

/** Where distributions install the helper; `%` stands for Debian's name of the architecture. */
const HELPERS = [
	"/usr/lib/%/utempter/utempter",
	"/usr/libexec/utempter/utempter",
	"/usr/lib/utempter/utempter",
	"/usr/lib64/utempter/utempter",
];
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = {
	x64: "x86_64-linux-gnu",
	arm64: "aarch64-linux-gnu",
	arm: "arm-linux-gnueabihf",
	ia32: "i386-linux-gnu",
	riscv64: "riscv64-linux-gnu",
};

export function findUtempter(): string | undefined {
	const architecture = ARCHITECTURES[process.arch] ?? process.arch;
	return HELPERS.map((path) => path.replace("%", architecture)).find((path) => existsSync(path));
}

/** The helper identifies the pty by its standard input. A shell makes it that, since `spawn` must not (master-child.ts). */
const SH = "/bin/sh";
const AS_STDIO = `exec "$0" "$@" <&${MASTER_FD_IN_CHILD} >&${MASTER_FD_IN_CHILD} ${MASTER_FD_IN_CHILD}<&-`;

/**
 * The utmp record of one pty. Calls never fail or block: a missing helper or a refused write only means that `who` does
 * not show the session. Writes are sequential; while one is running, only the latest request is kept.
 */
export class UtmpRecord {
	readonly #helper: string | undefined;
	readonly #masterFd: number;
	#shown: string | undefined;
	#requested: string | undefined;
	#running: Promise<void> | undefined;

	/** @param masterFd the pty's master, which proves to the helper that the caller owns the line */
	constructor(masterFd: number, helper: string | undefined) {
		this.#masterFd = masterFd;
		this.#helper = helper;
	}

	/** Shows the session with this host field. */
	show(host: string): void {
		this.#requested = host;
		this.#write();
	}

	/** Removes the record. Resolves when no write is running any more; the master may then be closed. */
	async remove(): Promise<void> {
		this.#requested = undefined;
		this.#write();
		while (this.#running !== undefined) {
			await this.#running;
		}
	}

	#write(): void {
		if (this.#helper === undefined || this.#running !== undefined || this.#requested === this.#shown) {
			return;
		}
		const host = this.#requested;
		this.#shown = host;
		const words = host === undefined ? ["del"] : ["add", host];
		const run = runWithMaster(this.#masterFd, SH, ["-c", AS_STDIO, this.#helper, ...words]);
		this.#running = run.then(() => {
			this.#running = undefined;
			this.#write();
		});
	}
}
