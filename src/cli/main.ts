/** Entry of the `mosh-portguard` command. */

import "./lean.js";
import { runCommandLine } from "./run-command-line.js";

process.exitCode = await runCommandLine(process.argv.slice(2));
