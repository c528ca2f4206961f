/** The session's entry in `who`, written by the setgid helper of libutempter (protocol §6.6). */

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";

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

/**
 * The helper identifies the pty by its standard input. Passed as such, libuv would make it blocking, for the server too,
 * since both share one open file description: a program that does not read would then block the session at the next key.
 */
const SH = "/bin/sh";
const WITH_MASTER = 'exec "$0" "$@" <&3 >&3 3<&-';

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
		// No environment: Node lengthens variables that are not UTF-8, and spawn() throws if one becomes too long for the kernel.
		const stdio: StdioOptions = ["ignore", "ignore", "ignore", this.#masterFd];
		this.#running = finished(spawn(SH, ["-c", WITH_MASTER, this.#helper, ...words], { stdio, env: {} })).then(
			() => {
				this.#running = undefined;
				this.#write();
			},
		);
	}
}

function finished(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		child.once("error", () => resolve());
		child.once("exit", () => resolve());
	});
}
