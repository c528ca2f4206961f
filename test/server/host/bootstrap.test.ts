import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { bootstrap } from "../../../src/server/host/bootstrap.js";
import { needsTools } from "../../support/requirements.js";

const BASH = "/bin/bash";

describe("the bootstrap of a program", () => {
	it("keeps the user's words apart from the script", () => {
		const command = ["/bin/echo", "a b", "$(touch x)", "'; exit"];
		for (const bash of [BASH, null]) {
			const { args } = bootstrap(command, false, "0", bash);
			assert.deepEqual(args.slice(-4), command);
			assert.ok(!args.slice(0, -4).join().includes("touch x"));
		}
	});

	it("is bash without the user's functions and BASH_ENV, else sh", () => {
		const withBash = bootstrap(["x"], false, "", BASH);
		assert.deepEqual([withBash.file, withBash.args[0]], [BASH, "-p"]);
		assert.equal(bootstrap(["x"], false, "", null).file, "/bin/sh");
	});

	it("names a login shell by a dash, and nothing else", () => {
		const nameOf = (loginShell: boolean) => bootstrap(["/bin/zsh"], loginShell, "0", BASH).args.at(-2);
		assert.deepEqual([nameOf(true), nameOf(false)], ["-zsh", ""]);
	});

	for (const [shell, bash] of [
		["bash", BASH],
		["sh", null],
	] as const) {
		it(`is a script that ${shell} understands`, { skip: needsTools(shell) }, () => {
			const { file, args } = bootstrap(["x"], true, "0", bash);
			const script = args[args.indexOf("-c") + 1] ?? "";
			const { status, stderr } = spawnSync(file, ["-n", "-c", script], { encoding: "utf8" });
			assert.deepEqual([status, stderr], [0, ""]);
			assert.ok(!script.includes("\n"), "an error would name a line nobody can see");
		});
	}
});
