/** The guard's lock, between real processes. */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { takeLock } from "../../src/daemon/lock.js";
import { needsRoot } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const NOBODY = 65534;

describe("the lock", () => {
	test("is one guard's until it lets go", () => {
		const file = join(scratchFolder(), "lock");
		const lock = takeLock(file);
		assert.throws(() => takeLock(file), { code: "already-running" });
		lock.release();
		takeLock(file).release();
		assert.equal(statSync(file).mode & 0o077, 0);
	});

	test("falls to the next the moment its holder is killed", async () => {
		const file = join(scratchFolder(), "lock");
		const script = `import { takeLock } from ${JSON.stringify(new URL("../../src/daemon/lock.ts", import.meta.url))};
			takeLock(${JSON.stringify(file)}); console.log("held"); setInterval(() => {}, 1000);`;
		const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
		await once(child.stdout, "data");
		assert.throws(() => takeLock(file), { code: "already-running" });
		child.kill("SIGKILL");
		await once(child, "exit");
		takeLock(file).release();
	});

	test("has its own mode, whatever the umask or an earlier version made of it", () => {
		const file = join(scratchFolder(), "lock");
		const umask = process.umask(0o777);
		takeLock(file).release();
		process.umask(umask);
		for (const mode of [undefined, 0o000, 0o666]) {
			if (mode !== undefined) {
				chmodSync(file, mode);
			}
			takeLock(file).release();
			assert.equal(statSync(file).mode & 0o777, 0o600);
		}
	});

	test("is no link, and no pipe to wait at", () => {
		const folder = scratchFolder();
		symlinkSync(join(folder, "elsewhere"), join(folder, "link"));
		assert.throws(() => takeLock(join(folder, "link")), { code: "lock-failed" });
		assert.ok(!existsSync(join(folder, "elsewhere")));
		execFileSync("mkfifo", [join(folder, "pipe")]);
		assert.throws(() => takeLock(join(folder, "pipe")), { code: "lock-failed" });
	});

	test("made by root in the guard's folder is the guard's", { skip: needsRoot() }, () => {
		const folder = scratchFolder();
		chownSync(folder, NOBODY, NOBODY);
		const file = join(folder, "lock");
		takeLock(file).release();
		assert.deepEqual([statSync(file).uid, statSync(file).mode & 0o777], [NOBODY, 0o600]);
	});

	test("that cannot be opened is another error than one that is taken", () => {
		assert.throws(() => takeLock(join(scratchFolder(), "missing", "lock")), { code: "lock-failed" });
	});
});
