/** The command line by which the program starts itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ownCommand, ownScript } from "../../src/daemon/own-command.js";

test("the script that Node runs is known by an absolute path and its ending", () => {
	for (const path of ["/opt/guard.cjs", "/opt/guard.mjs", "/opt/guard.js", "/opt/main.ts"]) {
		assert.equal(ownScript(path), path);
	}
	// A single executable has there the name it was called by.
	for (const path of ["mosh-portguard", "/usr/bin/mosh-portguard", "guard.cjs"]) {
		assert.equal(ownScript(path), undefined);
	}
});

test("this program is started by the same node, options and script", () => {
	const { file, args } = ownCommand("daemon", "--for", "20");
	assert.equal(file, process.execPath);
	assert.deepEqual(args, [...process.execArgv, process.argv[1], "daemon", "--for", "20"]);
});
