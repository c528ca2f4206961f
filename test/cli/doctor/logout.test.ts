import assert from "node:assert/strict";
import { test } from "node:test";
import { logout } from "../../../src/cli/doctor/logout.js";
import { finds } from "../../support/doctor.js";

test("a logind that ends what a login leaves, by its last word", async () => {
	const says = (text: string) =>
		finds(logout, { prints: { loginctl: "", "systemd-analyze": text } }).then(({ state }) => state);
	assert.equal(await says("[Login]\n#KillUserProcesses=yes\n"), "good");
	assert.equal(await says("[Login]\nKillUserProcesses=no\n[Login]\nKillUserProcesses = yes\n"), "bad");
	assert.equal(await says("[Login]\nKillUserProcesses=yes\nKillUserProcesses=no\n"), "good");
	assert.equal((await finds(logout, {})).state, "good");
});
