/**
 * Output that cannot be written never stops what is being done, least of all the guard. Who has stopped reading
 * (`mosh-portguard status | head -1`, a terminal that is gone) misses the rest; anything else, such as a full disk, is said.
 */

import { EXIT } from "./exit-codes.js";

const GONE: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO"]);

export function surviveLostOutput(): void {
	let told = false;
	for (const stream of [process.stdout, process.stderr]) {
		stream.on("error", (error: NodeJS.ErrnoException) => {
			if (GONE.has(error.code) || told) return;
			told = true;
			process.on("exit", () => {
				process.exitCode ||= EXIT.failed;
			});
			if (stream === process.stdout) process.stderr.write(`mosh-portguard: no output: ${error.message}\n`);
		});
	}
}
