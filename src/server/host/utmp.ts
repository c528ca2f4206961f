/** The session's line in `who`, written by the setgid helper of libutempter (protocol §6.6). */

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";

/** Where distributions put the helper; `%` stands for Debian's name of the architecture. */
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
 * The helper knows the pty by its standard input. libuv would make that blocking, for the server as well, since both
 * share one open file: then a program that does not read would stop the session with the next key.
 */
const SH = "/bin/sh";
const WITH_MASTER = 'exec "$0" "$@" <&3 >&3 3<&-';

/**
 * Keeps the record of one pty. Calls never fail and never block: a missing helper or a refused write only
 * means that `who` does not show the session. Records are written one after the other, only the newest wish
 * being kept while one is under way.
 */
export class UtmpRecord {
	readonly #helper: string | undefined;
	readonly #masterFd: number;
	#shown: string | undefined;
	#wanted: string | undefined;
	#running: Promise<void> | undefined;

	/** @param masterFd the pty's master, by which the helper knows that the line is the caller's */
	constructor(masterFd: number, helper: string | undefined) {
		this.#masterFd = masterFd;
		this.#helper = helper;
	}

	/** Shows the session with this host field. */
	show(host: string): void {
		this.#wanted = host;
		this.#write();
	}

	/** Removes the record. Resolves when nothing of it is under way any more; the master may then be closed. */
	async remove(): Promise<void> {
		this.#wanted = undefined;
		this.#write();
		while (this.#running !== undefined) {
			await this.#running;
		}
	}

	#write(): void {
		if (this.#helper === undefined || this.#running !== undefined || this.#wanted === this.#shown) {
			return;
		}
		const host = this.#wanted;
		this.#shown = host;
		const words = host === undefined ? ["del"] : ["add", host];
		// No environment: a variable that is not UTF-8 gets longer in Node, maybe too long for the kernel, and spawn() then throws.
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
