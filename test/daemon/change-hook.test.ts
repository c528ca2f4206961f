/** `hooks.on_change`: which calls the program gets, with a pretended one; how it is run, with real files and processes. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ChangeHook, type OpenPort, runHook } from "../../src/daemon/change-hook.js";
import type { GuardEvent } from "../../src/guard/report/events.js";
import { unsafeReason } from "../../src/system/ownership.js";
import { ended, isAlive } from "../support/processes.js";
import { needsRoot } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

/** Only root may write to any folder above it, which does not hold below /tmp. */
const FOLDER = `/run/mosh-portguard-test-${process.pid}`;

const PORT: OpenPort = { family: "ipv4", address: "192.0.2.1", port: 60001, uid: 1000 };
const [A, B, C] = [PORT, { ...PORT, port: 60002 }, { ...PORT, port: 60003 }];

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A hook whose program ends when the test says so. */
function rig() {
	const calls: string[] = [];
	const logged: { event: GuardEvent; fields: unknown }[] = [];
	const ends: ((error?: Error) => void)[] = [];
	let running = 0;
	const hook = new ChangeHook(
		(event, fields) => void logged.push({ event, fields }),
		(file, call) => {
			assert.equal(++running, 1, "one at a time");
			calls.push([file, ...call].join(" "));
			return new Promise((resolve, reject) => {
				ends.push((error) => {
					running--;
					if (error === undefined) {
						resolve();
					} else {
						reject(error);
					}
				});
			});
		},
	);
	hook.file = "/hook";
	/** Ends the call under way and lets the next one start. */
	const end = async (error?: Error) => {
		await turn();
		ends.shift()?.(error);
		await turn();
	};
	const endAll = async () => {
		do {
			await end();
		} while (ends.length > 0);
	};
	return { hook, calls, logged, end, endAll };
}

describe("the program that is told of open ports", () => {
	test("hears a reset, then each port as it opens and closes, with whose it is", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		await endAll();
		hook.see([A]);
		await endAll();
		hook.see([A, { ...B, family: "ipv6", address: "2001:db8::1", uid: 1001 }]);
		await endAll();
		hook.see([]);
		await endAll();
		assert.deepEqual(calls, [
			"/hook reset",
			"/hook open ipv4 192.0.2.1 60001 1000",
			"/hook open ipv6 2001:db8::1 60002 1001",
			"/hook close ipv4 192.0.2.1 60001 1000",
			"/hook close ipv6 2001:db8::1 60002 1001",
		]);
	});

	test("hears nothing of a port that came and went while it was busy", async () => {
		const { hook, calls, end, endAll } = rig();
		hook.start();
		for (let round = 0; round < 100; round++) {
			hook.see([A, B]);
			hook.see([A]);
		}
		await end();
		hook.see([C]);
		await endAll();
		assert.deepEqual(
			calls.map((call) => call.split(" ").slice(1).join(" ")),
			[
				"reset",
				"open ipv4 192.0.2.1 60001 1000",
				"open ipv4 192.0.2.1 60003 1000",
				"close ipv4 192.0.2.1 60001 1000",
			],
		);
	});

	test("hears of a port that another user has now", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		hook.see([A]);
		await endAll();
		hook.see([{ ...A, uid: 1001 }]);
		await endAll();
		assert.deepEqual(calls.slice(2), [
			"/hook open ipv4 192.0.2.1 60001 1001",
			"/hook close ipv4 192.0.2.1 60001 1000",
		]);
	});

	test("that fails is logged, not called again, and keeps nothing else back", async () => {
		const { hook, calls, logged, end, endAll } = rig();
		hook.start();
		await endAll();
		hook.see([A, B]);
		await end(new Error("no cloud today"));
		await endAll();
		hook.see([A, B]);
		await endAll();
		assert.deepEqual(calls.slice(1), [
			"/hook open ipv4 192.0.2.1 60001 1000",
			"/hook open ipv4 192.0.2.1 60002 1000",
		]);
		assert.deepEqual(logged, [
			{ event: "hook.failed", fields: { call: "open ipv4 192.0.2.1 60001 1000", cause: "no cloud today" } },
		]);
	});

	test("hears one reset at the end, which waits for the call under way", async () => {
		const { hook, calls, end, endAll } = rig();
		hook.start();
		await endAll();
		hook.see([A, B, C]);
		await turn();
		let stopped = false;
		const stopping = hook.stop().then(() => {
			stopped = true;
		});
		await end();
		assert.equal(stopped, false);
		await end();
		await stopping;
		assert.deepEqual(calls.slice(1), ["/hook open ipv4 192.0.2.1 60001 1000", "/hook reset"]);
		hook.see([A]);
		await endAll();
		assert.equal(calls.length, 3);
	});

	test("hears of no reset where the ports stay open", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		hook.see([A]);
		await endAll();
		await hook.stop({ leaveOpen: true });
		assert.equal(calls.length, 2);
	});

	test("another one hears everything from the start; none hears nothing", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		hook.see([A]);
		await endAll();
		hook.file = "/other";
		await endAll();
		hook.file = "";
		hook.see([A, B]);
		await hook.stop();
		assert.deepEqual(calls.slice(2), ["/other reset", "/other open ipv4 192.0.2.1 60001 1000"]);
	});

	test("hears nothing before it is started", async () => {
		const { hook, calls } = rig();
		hook.see([A]);
		await hook.stop();
		assert.deepEqual(calls, []);
	});
});

describe("running the program", { skip: needsRoot() }, () => {
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
