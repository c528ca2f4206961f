import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import type { Answer } from "../../../src/guard-protocol/messages.js";
import { readBudget, reportPort } from "../../../src/server/startup/guard-report.js";
import { PretendedGuard } from "../../support/pretended-guard.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

const PORT = { family: "ipv4", address: "192.0.2.1", port: 60001 } as const;
/** Far more than any answer takes: a test that waited for it would show. */
const LONG_MS = 60_000;

const LEAVE_SOCKET =
	'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) {
		await cleanup();
	}
});

async function pretend(answer: () => Answer | undefined, path: string): Promise<PretendedGuard> {
	const guard = await PretendedGuard.start(answer, path);
	cleanups.push(() => guard.stop());
	return guard;
}

async function report(path: string, budget = LONG_MS, expected = true, meanwhile?: () => void) {
	const warnings: string[] = [];
	const warn = (sentence: string) => warnings.push(sentence);
	const lease = await reportPort(PORT, budget, warn, meanwhile, path, () => expected);
	cleanups.push(() => lease?.stop());
	return { lease, warnings };
}

const socketPath = () => join(scratchFolder(), "guard.sock");

describe("the report of a port", () => {
	it("names socket and process, and says nothing when the port is open", async () => {
		const path = socketPath();
		const guard = await pretend(() => ({ type: "open" }), path);
		const { warnings } = await report(path);
		assert.deepEqual(guard.heard, [{ type: "report", ...PORT, pid: process.pid }]);
		assert.deepEqual(warnings, []);
	});

	it("passes on in one line why the guard refuses, and where to learn more", async () => {
		const path = socketPath();
		await pretend(() => ({ type: "refused", code: "user-limit", reason: "too many ports" }), path);
		const { warnings } = await report(path);
		assert.equal(warnings.length, 1);
		assert.match(warnings[0] ?? "", /^UDP port 60001 .*too many ports.*`mosh-portguard doctor`[^\n]*$/);
	});

	it("waits no longer than the budget for a guard that does not answer", async () => {
		const path = socketPath();
		const guard = await pretend(() => undefined, path);
		const { warnings } = await report(path, 20);
		assert.match(warnings[0] ?? "", /no answer from the guard within 20 ms/);
		await until("the report is heard all the same", () => guard.heard.length === 1);
	});

	it("has other things done while a guard works, and where there is none leaves that to others", async () => {
		const path = socketPath();
		const done: string[] = [];
		await report(path, LONG_MS, false, () => done.push("too soon"));
		const guard = await pretend(() => undefined, path);
		await report(path, 20, true, () => done.push("meanwhile"));
		assert.deepEqual(done, ["meanwhile"]);
		await until("the report is heard all the same", () => guard.heard.length === 1);
	});

	it("warns of a missing guard only on a host that is meant to have one", async () => {
		const { warnings, lease } = await report(socketPath());
		assert.equal(lease, undefined);
		assert.match(warnings[0] ?? "", /no guard listens/);
		assert.deepEqual((await report(socketPath(), LONG_MS, false)).warnings, []);
	});

	it("does not wait for a guard that died and left its socket", async () => {
		const path = socketPath();
		const guard = spawnSync(process.execPath, ["-e", LEAVE_SOCKET, path]);
		assert.equal(guard.signal, "SIGKILL");
		assert.match((await report(path)).warnings[0] ?? "", /no guard listens/);
	});
});

describe("the budget of the report", () => {
	it("is 2 s unless the environment has another number of milliseconds", () => {
		const never = () => assert.fail("nothing to warn of");
		assert.equal(readBudget({}, never), 2000);
		assert.equal(readBudget({ MOSH_PORTGUARD_BUDGET: "150" }, never), 150);
		assert.equal(readBudget({ MOSH_PORTGUARD_BUDGET: "0" }, never), 0);
	});

	it("is 2 s, with a word, when the environment has nonsense", () => {
		for (const text of ["2s", "-1", "60001", "1e3"]) {
			const warnings: string[] = [];
			assert.equal(
				readBudget({ MOSH_PORTGUARD_BUDGET: text }, (sentence) => warnings.push(sentence)),
				2000,
			);
			assert.match(warnings[0] ?? "", /MOSH_PORTGUARD_BUDGET/, text);
		}
	});
});
