import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../src/cli/context.js";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { runCommandLine } from "../../src/cli/run-command-line.js";
import { FirewallError } from "../../src/firewall/errors.js";
import { runs, statusOf, tells } from "../support/guarded-context.js";

/** The exit code, and what is complained about. */
const run = (
	line: string,
	...more: Parameters<typeof runs> extends [unknown, ...infer Rest] ? Rest : never
) => runs((context) => runCommandLine(line.split(" "), () => context), ...more);

test("a command's exit code is that of the command line", async () => {
	const { code, text } = await run("status --json", tells(statusOf()));
	assert.equal(code, EXIT.ok);
	assert.equal(JSON.parse(text).guard.running, true);
});

test("an error becomes one line and the exit code of its kind", async () => {
	const close = await run("close 60001");
	assert.deepEqual(
		[close.code, close.complaints],
		[EXIT.noGuard, "mosh-portguard: no guard is running that could keep the port closed\n"],
	);
	assert.equal((await run("close 60001", undefined, { privileged: false })).code, EXIT.notPermitted);
	const refused = () => ({ type: "error", code: "firewall-failed", reason: "the disk is full" }) as const;
	const sync = await run("sync", refused);
	assert.deepEqual([sync.code, sync.complaints], [EXIT.firewall, "mosh-portguard: the disk is full\n"]);
	const strange = await run("sync", () => ({ type: "open" }));
	assert.equal(strange.code, EXIT.failed);
	const failing = (context: Context): Context => ({
		...context,
		write: () => {
			throw new FirewallError("tool-missing", "nft is not installed");
		},
	});
	const { code } = await runs(
		(context) => runCommandLine(["status"], () => failing(context)),
		tells(statusOf()),
	);
	assert.equal(code, EXIT.firewall);
});
