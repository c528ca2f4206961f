import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { completionScript, SHELLS } from "../../src/cli/completion.js";
import { createProgram } from "../../src/cli/program.js";

test("the completions are those of the command line as it is", () => {
	for (const shell of SHELLS) {
		const file = new URL(`../../completions/mosh-portguard.${shell}`, import.meta.url);
		assert.equal(
			readFileSync(file, "utf8"),
			completionScript(
				createProgram(() => undefined),
				shell,
			),
			shell,
		);
	}
});

test("what is hidden from the help is not completed", () => {
	for (const shell of SHELLS) {
		const script = completionScript(
			createProgram(() => undefined),
			shell,
		);
		assert.match(script, /check-config/);
		assert.doesNotMatch(script, /host-facts|drop-in/);
	}
});
