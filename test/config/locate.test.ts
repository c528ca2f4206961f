import assert from "node:assert/strict";
import { test } from "node:test";
import { lineOf } from "../../src/config/locate.js";

const TEXT = `# first = 1
limits.total = 5
[ports]
first = 60001
"last" = 60999

[servers]
executables = [
  "/usr/bin/mosh-server",
]
[[servers.scripts]]
script = "a"
[[servers.scripts]]
interpreter = "/usr/bin/node"
script = "b"
`;

test("a key is found in its table, by dots or headings, quoted or not, and in the right one of several", () => {
	for (const [path, line] of [
		[["limits", "total"], 2],
		[["ports", "first"], 4],
		[["ports", "last"], 5],
		[["servers", "executables"], 8],
		[["servers", "scripts", 0, "script"], 12],
		[["servers", "scripts", 1, "script"], 15],
	] as const) {
		assert.equal(lineOf(TEXT, path), line, path.join("."));
	}
});

test("a key that is missing is where its innermost table is", () => {
	assert.equal(lineOf(TEXT, ["servers", "scripts", 0, "interpreter"]), 11);
	assert.equal(lineOf(TEXT, ["ports", "middle"]), 3);
	assert.equal(lineOf(TEXT, ["users", "allow"]), undefined);
});

test("what stands further in is nearer, whatever comes after it", () => {
	assert.equal(lineOf("[servers.x]\nkey = 1\n[servers]\n", ["servers", "x", "key"]), 2);
});
