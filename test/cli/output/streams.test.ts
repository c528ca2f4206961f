/** The command as a program of its own, whose output goes where it cannot be written. */

import assert from "node:assert/strict";
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { checkout } from "../../support/mosh-server.js";
import { scratchFolder } from "../../support/scratch.js";

/** No look at the firewall of the machine that tests. */
const CONFIG = join(scratchFolder(), "config.toml");
writeFileSync(CONFIG, '[firewall]\nname = "none"\n', { mode: 0o600 });

/** As `npm run build` makes it. */
const MAIN = join(checkout, "dist/mosh-portguard.mjs");

async function ends(args: string[], stdout: "gone" | number): Promise<{ code: number; complaints: string }> {
	const options: SpawnOptions = { stdio: ["ignore", stdout === "gone" ? "pipe" : stdout, "pipe"] };
	const globals = ["--config", CONFIG, "--runtime-folder", scratchFolder()];
	const line = [MAIN, ...globals, ...args];
	const child = spawn(process.execPath, line, options);
	child.stdout?.destroy();
	let complaints = "";
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		complaints += text;
	});
	const [code] = (await once(child, "close")) as [number];
	return { code, complaints };
}

describe("a command whose output nobody reads", () => {
	test("ends quietly, with its own exit code", async () => {
		assert.deepEqual(await ends(["status"], "gone"), { code: EXIT.noGuard, complaints: "" });
		assert.deepEqual(await ends(["--help"], "gone"), { code: EXIT.ok, complaints: "" });
		assert.deepEqual(await ends(["check-config", "--json"], "gone"), { code: EXIT.ok, complaints: "" });
	});

	const skip = !existsSync("/dev/full") && "needs /dev/full";
	test("says in one line that a disk is full", { skip }, async () => {
		const { code, complaints } = await ends(["check-config"], openSync("/dev/full", "w"));
		assert.equal(code, EXIT.failed);
		assert.match(complaints, /^mosh-portguard: no output: .*no space left on device.*\n$/);
	});
});
