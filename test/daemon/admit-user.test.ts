import assert from "node:assert/strict";
import { test } from "node:test";
import { admitUser } from "../../src/daemon/admit-user.js";
import type { RunOptions } from "../../src/system/commands.js";

const PATH = "/run/mosh-portguard/users/1000";

async function commandsFor(uid: number, own: number) {
	const ran: unknown[] = [];
	const run = async (tool: string, args: readonly string[], options?: RunOptions) => {
		ran.push([tool, args, options?.input]);
		return { stdout: "", stderr: "", exitCode: 0 };
	};
	await admitUser({ run }, PATH, uid, own);
	return ran;
}

test("the service's user adds another to the socket's ACL, and needs nothing for itself", async () => {
	assert.deepEqual(await commandsFor(1000, 990), [
		["systemd-tmpfiles", ["--create", "-"], `a ${PATH} - - - - u:1000:rw\n`],
	]);
	assert.deepEqual(await commandsFor(990, 990), []);
});

test("a failure is the caller's to know", async () => {
	const run = () => Promise.reject(new Error("no ACLs here"));
	await assert.rejects(admitUser({ run }, PATH, 1000, 990), /no ACLs here/);
	await assert.rejects(admitUser({ run }, "/nonexistent/socket", 1000, 0), { code: "ENOENT" });
});
