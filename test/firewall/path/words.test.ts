import assert from "node:assert/strict";
import { test } from "node:test";
import { splitWords } from "../../../src/firewall/path/words.js";

test("words at blanks, quotes around several, a backslash before a quote", () => {
	assert.deepEqual(splitWords('-A INPUT -m comment --comment "as -j \\"quoted\\"" -j DROP'), [
		"-A",
		"INPUT",
		"-m",
		"comment",
		"--comment",
		'as -j "quoted"',
		"-j",
		"DROP",
	]);
	assert.deepEqual(splitWords('-m comment --comment "" -j A'), ["-m", "comment", "--comment", "", "-j", "A"]);
});
