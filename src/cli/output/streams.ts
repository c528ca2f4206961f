/**
 * Keeps a command, above all the guard, running when its output cannot be written. A closed pipe or terminal
 * (`mosh-portguard status | head -1`) is ignored; any other failure, such as a full disk, is reported once.
 */

import { EXIT } from "./exit-codes.js";

const GONE: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO"]);

export function surviveLostOutput(): void {
	let told = false;
	for (const stream of [process.stdout, process.stderr]) {
		stream.on("error", (error: NodeJS.ErrnoException) => {
			if (GONE.has(error.code) || told) {
				return;
			}
			told = true;
			process.on("exit", () => {
				process.exitCode ||= EXIT.failed;
			});
			if (stream === process.stdout) {
				process.stderr.write(`mosh-portguard: no output: ${error.message}\n`);
			}
		});
	}
}
