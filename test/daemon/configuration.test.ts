import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DEFAULTS } from "../../src/config/schema.js";
import { readConfig } from "../../src/daemon/configuration.js";
import { scratchFolder } from "../support/scratch.js";

test("what is not configured is the default, and no server is trusted that is not there", () => {
	const config = join(scratchFolder(), "config.toml");
	assert.deepEqual(readConfig(config), { config: DEFAULTS, files: [] });
	writeFileSync(config, "[limits]\ntotal = 7\n", { mode: 0o600 });
	const read = readConfig(config);
	assert.deepEqual(read.files, [config]);
	assert.deepEqual(read.config.limits, { ...DEFAULTS.limits, total: 7 });
});

test("a script's own mosh-server is trusted, run by this node", () => {
	const folder = scratchFolder();
	const [program, server] = ["mosh-portguard.mjs", "mosh-server.cjs"].map((name) => join(folder, name)) as [
		string,
		string,
	];
	const { argv } = process;
	process.argv = [argv[0] as string, program];
	try {
		assert.deepEqual(readConfig("/nonexistent/config.toml").config.servers.scripts, []);
		for (const file of [program, server]) {
			writeFileSync(file, "");
		}
		assert.deepEqual(readConfig("/nonexistent/config.toml").config.servers.scripts, [
			{ interpreter: process.execPath, script: server },
		]);
	} finally {
		process.argv = argv;
	}
});
