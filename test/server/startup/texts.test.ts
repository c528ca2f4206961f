import assert from "node:assert/strict";
import { test } from "node:test";
import { usageText, versionText } from "../../../src/server/startup/texts.js";

test("the first line of the version is that of mosh 1.4.0, which scripts parse", () => {
	const lines = versionText("9.8.7").split("\n");
	assert.equal(lines[0], "mosh-server (mosh 1.4.0) [mosh-portguard 9.8.7]");
	assert.equal(lines.length, 6, "five lines and the end of the last");
});

test("the usage names every command", () => {
	const text = usageText("mosh-server");
	for (const command of ["new", "attach", "list", "history", "end", "env"]) {
		assert.match(text, new RegExp(`\\b${command}\\b`));
	}
	assert.ok(text.endsWith("\n"));
});
