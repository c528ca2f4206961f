/** Writes the blocks of the documents that show what a host prints, where it prints something else now. Needs root. */

import { readFileSync, writeFileSync } from "node:fs";
import { block, shape, withBlock } from "../test/documents/blocks.js";
import { TRANSCRIPTS } from "../test/documents/transcripts.js";
import { labMissing } from "../test/lab/hosts.js";

for (const { document, name, tools, make } of TRANSCRIPTS) {
	const missing = await labMissing(...tools);
	if (missing !== undefined) {
		console.error(`${name}: left as it is: ${missing}`);
		continue;
	}
	const file = new URL(`../${document}`, import.meta.url);
	const printed = await make();
	const text = readFileSync(file, "utf8");
	if (shape(block(text, name)) === shape(printed)) {
		continue;
	}
	writeFileSync(file, withBlock(text, name, printed));
	console.log(`${name}: written to ${document}`);
}
