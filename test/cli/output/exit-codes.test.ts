import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EXIT, EXIT_MEANING, type ExitName } from "../../../src/cli/output/exit-codes.js";

test("exit codes differ from each other, and the documentation lists them all", () => {
	assert.equal(new Set(Object.values(EXIT)).size, Object.keys(EXIT).length);
	const text = readFileSync(new URL("../../../docs/exit-codes.md", import.meta.url), "utf8");
	const rows = (Object.keys(EXIT) as ExitName[]).map((name) => `| ${EXIT[name]} | ${EXIT_MEANING[name]} |`);
	assert.deepEqual(text.replaceAll(/ +/g, " ").match(/^\| \d.*$/gm), rows);
});
