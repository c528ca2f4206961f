/** Entry of the bundled command: like src/cli/main.ts, for CommonJS, which has no top-level await. */

import "../../src/cli/lean.js";
import { runCommandLine } from "../../src/cli/run-command-line.js";

void runCommandLine(process.argv.slice(2)).then((code) => {
	process.exitCode = code;
});
