import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { server } from "../../../src/cli/doctor/server.js";
import { finds } from "../../support/doctor.js";
import { scratchFolder } from "../../support/scratch.js";

test("a missing mosh-server, and one that others than root can change", async () => {
	const folder = scratchFolder();
	const configured = async (server_: string) => {
		const config = join(folder, "config.toml");
		writeFileSync(config, `[servers]\nexecutables = ["${server_}"]\n`);
		chmodSync(config, 0o600);
		return finds(server, { config });
	};
	const missing = await configured("/nonexistent/mosh-server");
	assert.equal(missing.state, "bad");
	assert.match(missing.says, /none .*\/nonexistent\/mosh-server/);
	const loose = join(folder, "mosh-server");
	writeFileSync(loose, "");
	chmodSync(loose, 0o777);
	assert.match((await configured(loose)).says, /writable by users other than root/);
	chmodSync(loose, 0o755);
	assert.equal((await configured(loose)).state, "good");
});
