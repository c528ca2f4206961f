/** What root runs for the administrator, with real files and processes. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runHook } from "../../src/daemon/change-hook.js";
import { unsafeReason } from "../../src/system/ownership.js";
import { ended, isAlive } from "../support/processes.js";
import { needsRoot } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

/** Root's down to `/`, as a folder below /tmp cannot be. */
const FOLDER = `/run/mosh-portguard-test-${process.pid}`;

describe("the program that root runs", { skip: needsRoot() }, () => {
	before(() => mkdirSync(FOLDER, { mode: 0o755 }));
	after(() => rmSync(FOLDER, { recursive: true, force: true }));

	const put = (name: string, text: string, mode = 0o755) => {
		const file = join(FOLDER, name);
		writeFileSync(file, text);
		chmodSync(file, mode);
		return file;
	};

	test("gets the words, an environment of its own, and no shell", async () => {
		const file = put("words", '#!/bin/sh\n{ printf "<%s>" "$@"; pwd; env; } >"$0.out"\n');
		process.env.SECRET_OF_THE_GUARD = "1";
		await runHook(file, ["open", "ipv4", "$(reboot)", "; x y", "1000"]);
		delete process.env.SECRET_OF_THE_GUARD;
		const [words, ...environment] = readFileSync(`${file}.out`, "utf8").trim().split("\n");
		assert.equal(words, "<open><ipv4><$(reboot)><; x y><1000>/");
		const names = environment
			.map((line) => line.split("=")[0])
			.filter((name) => !["PWD", "_", "SHLVL", "OLDPWD"].includes(name ?? ""));
		assert.deepEqual(names.sort(), ["LC_ALL", "PATH"]);
	});

	test("that fails says why", async () => {
		const file = put("fails", "#!/bin/sh\necho no cloud today >&2\nexit 3\n");
		await assert.rejects(runHook(file, ["reset"]), { message: "it exited with 3: no cloud today" });
	});

	test("is killed with all it started when its time is over", async () => {
		const file = put("late", '#!/bin/sh\nsleep 60 &\necho $! >"$0.child"\nwait\n');
		// Time enough to start, on any machine.
		await assert.rejects(runHook(file, ["reset"], 2000), /did not finish within 2 s/);
		const child = Number(readFileSync(`${file}.child`, "utf8"));
		await ended(child, "what it started");
	});

	test("does not wait for what it leaves running", async () => {
		const file = put("leaves", '#!/bin/sh\nsleep 60 &\necho $! >"$0.left"\n');
		await runHook(file, ["reset"]);
		const left = Number(readFileSync(`${file}.left`, "utf8"));
		assert.ok(isAlive(left));
		process.kill(left, "SIGKILL");
	});

	test("is not run if another user could have changed it", async () => {
		const good = put("good", '#!/bin/sh\n: >"$0.ran"\n');
		symlinkSync("good", join(FOLDER, "link"));
		mkdirSync(join(FOLDER, "open"));
		chmodSync(join(FOLDER, "open"), 0o777);
		put("open/inside", "#!/bin/sh\n");
		const faults: [string, RegExp][] = [
			[join(FOLDER, "missing"), /does not exist/],
			[FOLDER, /is not a regular file/],
			[join(FOLDER, "link"), /is a symbolic link/],
			[put("writable", "", 0o775), /is writable by users other than root/],
			[put("data", "", 0o644), /is not executable/],
			[join(FOLDER, "open/inside"), /is below .*\/open, which is writable by users other than root/],
			[join(scratchFolder(), "x"), /does not exist/],
		];
		for (const [file, why] of faults) {
			assert.match(unsafeReason(file) ?? "", why, file);
			await assert.rejects(runHook(file, ["reset"]), why);
		}
		assert.match(unsafeReason(good, 1) ?? "", /is not owned by root/);
		assert.equal(unsafeReason(good), undefined);
		await runHook(good, ["reset"]);
		assert.ok(existsSync(`${good}.ran`));
	});
});
