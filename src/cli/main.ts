/** Entry point of the `mosh-portguard` command. */

import "../daemon/node-flags.js";
import { surviveLostOutput } from "./output/streams.js";
import { runCommandLine } from "./run-command-line.js";

surviveLostOutput();
process.exitCode = await runCommandLine(process.argv.slice(2));
// What it no longer waits for, such as the answer of a firewall that hangs, keeps no command from ending.
for (const stream of [process.stdout, process.stderr]) {
	await new Promise<void>((resolve) => {
		stream.write("", () => resolve());
	});
}
process.exit();
