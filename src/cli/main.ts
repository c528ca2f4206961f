/** Entry of the `mosh-portguard` command. */

import "./lean.js";
import { surviveLostOutput } from "./output.js";
import { runCommandLine } from "./run-command-line.js";

surviveLostOutput();
process.exitCode = await runCommandLine(process.argv.slice(2));
