/** The demonstration, as a script and as a person runs it. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { labMissing } from "../lab/hosts.js";
import { checkout } from "../support/mosh-server.js";
import { needsTools } from "../support/requirements.js";
import { TmuxTerminal } from "../support/tmux.js";

const run = promisify(execFile);
const DEMO = ["sh", join(checkout, "scripts/demo.sh"), "--built"];

function demo(...options: string[]): Promise<{ stdout: string }> {
	const [file = "", ...words] = DEMO;
	return run(file, [...words, ...options]);
}

const needsNamespaces = (await labMissing()) ?? needsTools("nft", "sshd", "mosh", "script");

describe("the demonstration", () => {
	it("logs in through a firewall of its own, shows what opened and closed, and leaves nothing", {
		skip: needsNamespaces,
	}, async () => {
		const rules = async () => (await run("nft", ["list", "ruleset"])).stdout;
		const before = await rules();
		const { stdout } = await demo("--script");
		assert.match(stdout, /policy drop/);
		// As the session itself saw it.
		assert.match(stdout, /10\.77\.0\.1:60001 +open +you /);
		assert.doesNotMatch(stdout, /may not be open/);
		assert.match(stdout, /opened {2}10\.77\.0\.1 UDP port 60001\n.*closed {2}10\.77\.0\.1 UDP port 60001\n$/);
		assert.equal(await rules(), before);
	});

	it("gives a person a shell there", { skip: needsNamespaces || needsTools("tmux") }, async () => {
		const terminal = await TmuxTerminal.start({ command: DEMO, columns: 100 });
		try {
			await terminal.seeText("you@demo$");
			await terminal.enter("mosh-portguard status");
			await terminal.seeText(/1 open, 0 pending, 0 refused/);
			await terminal.enter("exit");
			assert.equal(await terminal.exited(), 0);
			await terminal.seeText(/closed {2}10\.77\.0\.1 UDP port 60001/);
		} finally {
			await terminal.close();
		}
	});

	it("runs the server alone where there can be no firewall", {
		skip: needsTools("mosh-client", "script"),
	}, async () => {
		const { stdout } = await demo("--script", "--loopback");
		assert.match(stdout, /Hello through our mosh-server/);
	});

	it("refuses an option it does not know", async () => {
		await assert.rejects(demo("--nonsense"), { code: 2 });
	});
});
