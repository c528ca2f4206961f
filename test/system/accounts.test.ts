import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemAccounts } from "../../src/system/accounts.js";
import { SystemCommands } from "../../src/system/commands.js";

/** What getent is asked and answers. */
function asked(stdout: string, exitCode = 0) {
	const lines: string[][] = [];
	const accounts = new SystemAccounts({
		run: async (tool, args) => {
			lines.push([tool, ...args]);
			return { stdout, stderr: "", exitCode };
		},
	});
	return { accounts, lines };
}

test("a name reaches getent as one argument, whatever is in it", async () => {
	for (const name of ["CORP\\alice", "domain users@corp.example", "jürgen", "$(id)", "a'b"]) {
		const { accounts, lines } = asked(`${name}:x:5001:5001::/:/bin/sh\n`);
		assert.equal(await accounts.uid(name), 5001);
		assert.deepEqual(lines, [["getent", "passwd", name]]);
	}
});

test("who is not there is undefined", async () => {
	assert.equal(await asked("", 2).accounts.gid("nobody here"), undefined);
});

test("a name service that hangs is given up", async () => {
	const sleeping = new SystemCommands(["/usr/bin/timeout", "60", "/bin/sh", "-c", "exec sleep 60"]);
	const began = Date.now();
	await assert.rejects(new SystemAccounts(sleeping, { timeoutMs: 100 }).uid("root"), /timed out/);
	assert.ok(Date.now() - began < 5000);
});
