/** Entry point of the `mosh-portguard` command. */

import "../daemon/node-flags.js";
import { surviveLostOutput } from "./output/streams.js";
import { runCommandLine } from "./run-command-line.js";

surviveLostOutput();
process.exitCode = await runCommandLine(process.argv.slice(2));
