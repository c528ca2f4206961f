/** Entry of the bundled command: like src/cli/main.ts, for CommonJS, which has no top-level await. */

import "../../src/daemon/node-flags.js";
import { surviveLostOutput } from "../../src/cli/output/streams.js";
import { runCommandLine } from "../../src/cli/run-command-line.js";

surviveLostOutput();
void runCommandLine(process.argv.slice(2)).then((code) => {
	process.exitCode = code;
});
