import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { takeLock } from "../../src/guard/lock.js";
import { prepareRuntimeFolder } from "../../src/guard/runtime-folder.js";
import { scratchFolder } from "../support/scratch.js";

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
		const script = `import { takeLock } from ${JSON.stringify(new URL("../../src/guard/lock.ts", import.meta.url))};
			takeLock(${JSON.stringify(file)}); console.log("held"); setInterval(() => {}, 1000);`;
		const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
		await once(child.stdout, "data");
		assert.throws(() => takeLock(file), { code: "already-running" });
		child.kill("SIGKILL");
		await once(child, "exit");
		takeLock(file).release();
	});

	test("that cannot be opened is another error than one that is taken", () => {
		assert.throws(() => takeLock(join(scratchFolder(), "missing", "lock")), { code: "lock-failed" });
	});
});

describe("the runtime folder", () => {
	test("is made, or taken as it is and shut for writing", () => {
		const path = join(scratchFolder(), "run");
		prepareRuntimeFolder(path);
		chmodSync(path, 0o777);
		prepareRuntimeFolder(path);
		assert.equal(statSync(path).mode & 0o777, 0o755);
	});

	test("is refused as a link or somebody else's", () => {
		const path = join(scratchFolder(), "run");
		symlinkSync("/tmp", path);
		assert.throws(() => prepareRuntimeFolder(path), { code: "unsafe-folder" });
		assert.throws(() => prepareRuntimeFolder(scratchFolder(), 12345), { code: "unsafe-folder" });
	});
});
