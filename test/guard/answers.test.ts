/** Answers to reports and questions: when they are given, and what becomes a lease. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import type { Opening } from "../../src/firewall/firewall.js";
import { Answers, type AnswersDependencies, socketAt } from "../../src/guard/answers.js";
import type { UdpSocket } from "../../src/guard/kernel/udp-socket.js";
import type { PortStatus } from "../../src/guard/report/status.js";
import type { Lease } from "../../src/guard/sessions/leases.js";
import type { Refusal } from "../../src/guard/sessions/refusals.js";

const OPENING: Opening = { family: "ipv4", address: "192.0.2.1", port: 60001 };
const SOCKET: UdpSocket = { ...OPENING, uid: 1000, inode: 5 };
const LOOPBACK: Opening = { ...OPENING, address: "127.0.0.1" };
const lease = (uid?: number, pid = 7): Lease => ({ opening: OPENING, pid, uid, ended: () => undefined });

/** Each verdict stands for one step; the last one stays. Undefined is an open port. */
function setUp(verdicts: (Refusal | undefined)[], over: Partial<AnswersDependencies> = {}) {
	const calls: string[] = [];
	const answers = new Answers({
		readPort: async (port) => void calls.push(`read ${port}`),
		step: async () => void calls.push("step"),
		socketAt: () => SOCKET,
		isHeldBy: (_, pid) => pid === 7,
		addLease: ({ pid }) => calls.push(`lease ${pid}`) > 0,
		refusalOf: () => (verdicts.length > 1 ? verdicts.shift() : verdicts[0]),
		isOpen: () => true,
		firewallFailure: () => undefined,
		statusOf: async () => undefined,
		shut: async () => undefined,
		...over,
	});
	const count = (call: string) => calls.filter((other) => other === call).length;
	return { answers, calls, count };
}

/** Lets timers of up to 200 ms fire as they are set. */
async function settled<T>(promise: Promise<T>): Promise<T> {
	for (let i = 0; i < 200; i++) {
		mock.timers.tick(1);
		await new Promise((resolve) => setImmediate(resolve));
	}
	return await promise;
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

describe("an answer", () => {
	test("is given at once where the port is open, and on loopback without a look at anything", async () => {
		const { answers, calls } = setUp([undefined]);
		assert.equal(await answers.ask(OPENING), undefined);
		assert.deepEqual(calls.splice(0), ["read 60001", "step"]);
		assert.equal(await answers.ask(LOOPBACK), undefined);
		assert.equal(await answers.report({ ...lease(), opening: LOOPBACK }), undefined);
		assert.deepEqual(calls, []);
	});

	test("waits for what may pass by itself, up to six attempts", async () => {
		const passing = setUp([{ code: "no-holder" }, { code: "many-holders" }, undefined]);
		assert.equal(await settled(passing.answers.ask(OPENING)), undefined);
		assert.equal(passing.count("step"), 3);
		const staying = setUp([{ code: "no-holder" }]);
		assert.deepEqual(await settled(staying.answers.ask(OPENING)), { code: "no-holder" });
		assert.equal(staying.count("step"), 6);
	});

	test("does not wait for what stays", async () => {
		const { answers, count } = setUp([{ code: "user-limit" }]);
		assert.deepEqual(await answers.ask(OPENING), { code: "user-limit" });
		assert.equal(count("step"), 1);
	});

	test("is not-bound for a socket that is not there, without a step", async () => {
		const { answers, count } = setUp([undefined], { socketAt: () => undefined });
		assert.deepEqual(await settled(answers.ask(OPENING)), { code: "not-bound" });
		assert.deepEqual([count("read 60001"), count("step")], [6, 0]);
	});

	for (const [state, code] of [
		["open", undefined],
		["blocked", "blocked"],
		["unverified", "unverified"],
		["pending", "firewall-failed"],
	] as const) {
		test(`is what the status says where the firewall fails: ${state}`, async () => {
			const statusOf = async () => ({ state, reason: "a rule" }) as PortStatus;
			const { answers } = setUp([undefined], { isOpen: () => false, statusOf });
			assert.equal((await settled(answers.ask(OPENING)))?.code, code);
		});
	}

	test("is firewall-failed for an admitted socket that is not open, with the reason", async () => {
		const isOpen = () => false;
		const { answers } = setUp([undefined], { isOpen });
		assert.deepEqual(await settled(answers.ask(OPENING)), { code: "firewall-failed" });
		const told = setUp([undefined], { isOpen, firewallFailure: () => "no room" });
		const refusal = { code: "firewall-failed", detail: "no room" };
		assert.deepEqual(await settled(told.answers.ask(OPENING)), refusal);
	});

	test("is what the rules do with what is open, asked once", async () => {
		const blocked: Refusal = { code: "blocked", detail: "a rule" };
		const { answers, count } = setUp([undefined], { shut: async () => blocked });
		assert.equal(await answers.ask(OPENING), blocked);
		assert.equal(await answers.report(lease(1000)), blocked);
		assert.equal(count("lease 7"), 1);
		const refused = setUp([{ code: "user-limit" }], { shut: () => assert.fail("not open") });
		assert.deepEqual(await refused.answers.ask(OPENING), { code: "user-limit" });
	});
});

describe("a report", () => {
	test("of another user's socket is refused before anything is evaluated", async () => {
		const { answers, count } = setUp([undefined]);
		assert.deepEqual(await answers.report(lease(1001)), { code: "wrong-user" });
		assert.equal(count("step"), 0);
		assert.equal(await answers.report(lease(1000)), undefined);
		assert.equal(await answers.report(lease(undefined)), undefined);
	});

	test("is a lease if its process holds the socket, whatever the answer, and is evaluated again where it was refused", async () => {
		const open = setUp([undefined]);
		assert.equal(await open.answers.report(lease(1000)), undefined);
		assert.deepEqual(open.calls, ["read 60001", "step", "lease 7"]);
		const holder = setUp([{ code: "user-limit" }]);
		assert.deepEqual(await holder.answers.report(lease(1000)), { code: "user-limit" });
		assert.deepEqual(holder.calls, ["read 60001", "step", "lease 7", "step"]);
		const unleased = setUp([undefined], { addLease: () => false });
		await unleased.answers.report(lease(1000));
		assert.deepEqual(unleased.calls, ["read 60001", "step", "step"]);
		const other = setUp([{ code: "user-limit" }]);
		await other.answers.report(lease(1000, 8));
		assert.deepEqual(other.calls, ["read 60001", "step"]);
	});

	test("names a process to inspect first, as long as it is being answered", async () => {
		const { answers } = setUp([{ code: "no-holder" }]);
		const [one, two] = [lease(1000), lease(1000, 8)];
		const reports = [answers.report(one), answers.report(two)];
		assert.deepEqual(answers.claimants, [one, two]);
		await settled(Promise.all(reports));
		assert.deepEqual(answers.claimants, []);
	});
});

test("a socket is found by address and port", () => {
	assert.equal(socketAt([{ ...SOCKET, port: 60002 }, SOCKET], OPENING), SOCKET);
	assert.equal(socketAt([SOCKET], LOOPBACK), undefined);
});
