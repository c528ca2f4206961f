/** Writes completions/ anew. */

import { writeFileSync } from "node:fs";
import { completionScript, SHELLS } from "../src/cli/completion.js";
import { createProgram } from "../src/cli/program.js";

const program = createProgram(() => undefined);
for (const shell of SHELLS) {
	writeFileSync(
		new URL(`../completions/mosh-portguard.${shell}`, import.meta.url),
		completionScript(program, shell),
	);
}
