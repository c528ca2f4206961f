/** Users and groups, as the host's databases print them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemAccounts } from "../../src/system/accounts.js";
import { type Commands, SystemCommands } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";

const PASSWD = [
	"root:x:0:0:root:/root:/bin/bash",
	"daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
	"sync:x:4:65534:sync:/bin:/bin/sync",
	"ann:x:1000:1000:Ann,,,:/home/ann:/bin/zsh",
	"nobody:x:65534:65534:nobody:/nonexistent:/bin/false",
	"+::::::",
];

function setUp(run: (args: readonly string[]) => { stdout: string; exitCode: number }) {
	const asked: string[] = [];
	const commands: Pick<Commands, "run"> = {
		run: async (tool, args, options) => {
			asked.push([tool, ...args].join(" "));
			const { stdout, exitCode } = run(args);
			if (exitCode !== 0 && !options?.answers?.includes(exitCode)) {
				throw new CommandError("tool-failed", "getent failed");
			}
			return { stdout, exitCode, stderr: "" };
		},
	};
	return { accounts: new SystemAccounts(commands as Commands), asked };
}

test("names become ids, and ids names, by the host's databases", async () => {
	const { accounts, asked } = setUp(([database]) => ({
		stdout: database === "group" ? "staff:x:50:ann\n" : `${PASSWD[3]}\n`,
		exitCode: 0,
	}));
	assert.equal(await accounts.uid("ann"), 1000);
	assert.equal(await accounts.gid("staff"), 50);
	assert.equal(await accounts.userName(1000), "ann");
	assert.deepEqual(asked, ["getent passwd ann", "getent group staff", "getent passwd 1000"]);
});

test("a name that does not exist is undefined, databases that cannot be read are an error", async () => {
	const missing = setUp(() => ({ stdout: "", exitCode: 2 })).accounts;
	assert.equal(await missing.uid("nobody-here"), undefined);
	assert.equal(await missing.gid("nobody-here"), undefined);
	const broken = setUp(() => ({ stdout: "", exitCode: 3 })).accounts;
	await assert.rejects(broken.uid("ann"), { code: "tool-failed" });
});

test("users with a login shell can log in; none where they cannot be listed", async () => {
	const { accounts } = setUp(() => ({ stdout: `${PASSWD.join("\n")}\n`, exitCode: 0 }));
	assert.deepEqual(await accounts.loginUids(), [0, 1000]);
	assert.deepEqual(await setUp(() => ({ stdout: "", exitCode: 1 })).accounts.loginUids(), []);
});

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
