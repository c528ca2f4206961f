import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configuration } from "../../../src/cli/doctor/configuration.js";
import { finds } from "../../support/doctor.js";
import { scratchFolder } from "../../support/scratch.js";

test("the files that are read, none, or their mistakes", async () => {
	const config = join(scratchFolder(), "config.toml");
	assert.equal((await finds(configuration, { config })).says, "none; the defaults apply");
	writeFileSync(config, "", { mode: 0o600 });
	assert.equal((await finds(configuration, { config })).says, config);
	writeFileSync(config, "limits.total = 0");
	await assert.rejects(finds(configuration, { config }), { code: "config-invalid" });
});
