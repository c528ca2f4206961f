import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { agentLink, newestEnvironment, noteLogin } from "../../../src/server/control/newest-login.js";
import { scratchFolder } from "../../support/scratch.js";

describe("the newest login", () => {
	it("leaves its environment, quoted for a shell, and a link to its agent while that is there", () => {
		const folder = scratchFolder();
		const agent = join(folder, "agent");
		assert.equal(newestEnvironment([folder]), undefined);
		writeFileSync(agent, "");
		noteLogin(folder, { SSH_AUTH_SOCK: agent, DISPLAY: "it's :1; exit", SECRET: "x" });
		const script = `${newestEnvironment([folder])}\nprintf '%s|%s|%s' "$DISPLAY" "$SSH_AUTH_SOCK" "\${XAUTHORITY-none}"`;
		const run = () =>
			spawnSync("sh", ["-c", script], { encoding: "utf8", env: { XAUTHORITY: "old" } }).stdout;
		assert.equal(run(), `it's :1; exit|${agentLink(folder)}|none`);
		noteLogin(folder, { SSH_AUTH_SOCK: agentLink(folder) });
		noteLogin(folder, {});
		assert.equal(existsSync(agentLink(folder)), true, "neither a link to itself nor none");
		spawnSync("rm", [agent]);
		assert.match(newestEnvironment([folder]) ?? "", /unset SSH_AUTH_SOCK/);
		assert.doesNotMatch(readFileSync(join(folder, "login.json"), "utf8"), /SECRET/);
		assert.deepEqual(readdirSync(folder).sort(), ["agent.sock", "login.json"]);
	});
});
