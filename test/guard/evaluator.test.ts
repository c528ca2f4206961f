/** What should be open, as a step and as a question. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../src/firewall/firewall.js";
import { Evaluator } from "../../src/guard/evaluator.js";
import type { Refusal } from "../../src/guard/sessions/refusals.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeHost, HOME, NODE, SCRIPT } from "../support/fake-host.js";
import { SETTINGS } from "../support/memory-guard.js";

const at = (port: number): Opening => ({ family: "ipv4", address: "192.0.2.1", port });
const portsOf = (openings: readonly Opening[]) => openings.map(({ port }) => port);

function setUp(perMinute = 1000) {
	const host = new FakeHost();
	const clock = new FakeClock();
	const held = new Set<number>();
	const evaluator = new Evaluator(
		{
			processes: host,
			home: HOME,
			clock,
			otherHolders: ({ inode }): Refusal | undefined =>
				held.has(inode) ? { code: "many-holders" } : undefined,
		},
		{ ...SETTINGS, policy: { ...SETTINGS.policy, perMinute } },
	);
	const read = () => host.read(SETTINGS.policy.ports);
	const step = async (recheckHolders = false) => {
		const { changed } = evaluator.scan(await read(), { recheckHolders });
		return { changed, wanted: portsOf(evaluator.decide().wanted()) };
	};
	const desired = async () => portsOf(evaluator.desired(await read()));
	const script = () => ({ executable: host.file(NODE) as never, commandLine: ["node", SCRIPT, "new"] });
	return { host, clock, held, evaluator, step, desired, script };
}

describe("what should be open", () => {
	test("follows from a scan and a decision, and is known until the next", async () => {
		const { host, evaluator, step } = setUp();
		const { pid } = host.serve(60001, { uid: 1001 });
		assert.deepEqual(await step(), { changed: true, wanted: [60001] });
		assert.ok(evaluator.knows(60001) && evaluator.hasAdmitted);
		assert.deepEqual(evaluator.uids, [1001]);
		assert.equal(evaluator.refusalOf(at(60001)), undefined);
		host.kill(pid);
		assert.ok(evaluator.knows(60001));
		assert.deepEqual(await step(), { changed: true, wanted: [] });
		assert.ok(!evaluator.knows(60001) && !evaluator.hasAdmitted);
	});

	test("leaves out what the administrator closed, and what another process holds too", async () => {
		const { host, held, evaluator, step } = setUp();
		host.serve(60001);
		const { socket } = host.serve(60002);
		await step();
		evaluator.closeForAdmin(60001);
		held.add(socket.inode);
		assert.deepEqual((await step()).wanted, []);
		assert.equal(evaluator.refusalOf(at(60001))?.code, "closed-by-admin");
		assert.equal(evaluator.refusalOf(at(60002))?.code, "many-holders");
	});

	test("includes scripts with what was adopted until no report is expected any more", async () => {
		const { host, evaluator, step, script } = setUp();
		host.serve(60001, script());
		host.serve(60002, script());
		evaluator.adopt([at(60001)]);
		assert.deepEqual((await step()).wanted, [60001]);
		evaluator.expectNoReports();
		await step(true);
		assert.deepEqual((await step()).wanted, []);
	});

	test("follows new settings from the next scan on", async () => {
		const { host, evaluator, step } = setUp();
		host.serve(60001);
		assert.deepEqual((await step()).wanted, [60001]);
		const { settings } = evaluator;
		evaluator.settings = { ...settings, policy: { ...settings.policy, denyUids: [1000] } };
		assert.deepEqual((await step()).wanted, []);
		assert.equal(evaluator.socketsPerUser, 20 + 64);
	});
});

describe("the question what would be open", () => {
	test("is answered as by a scan and a decision", async () => {
		const { host, evaluator, step, desired, script } = setUp();
		const { pid } = host.serve(60001);
		await step();
		host.kill(pid);
		host.serve(60002);
		host.serve(60003, script());
		evaluator.adopt([at(60003)]);
		assert.deepEqual(await desired(), [60002, 60003]);
		assert.deepEqual((await step(true)).wanted, [60002, 60003]);
	});

	test("changes nothing: what has changed, who is admitted, whose rate is used up", async () => {
		const { host, clock, evaluator, step, desired } = setUp(1);
		const first = host.serve(60001);
		await step();
		clock.advance(60_000);
		host.kill(first.pid);
		host.serve(60002);
		for (let i = 0; i < 3; i++) {
			assert.deepEqual(await desired(), [60002]);
		}
		assert.ok(evaluator.knows(60001) && !evaluator.knows(60002));
		assert.equal(evaluator.refusalOf(at(60001)), undefined);
		assert.equal(evaluator.refusalOf(at(60002))?.code, "not-bound");
		assert.deepEqual(await step(), { changed: true, wanted: [60002] });
	});

	test("leaves a server that was just missed as likely to be found as before", async () => {
		const { host, evaluator, step, desired } = setUp();
		const { pid } = host.serve(60001);
		await step();
		const server = host.processes.get(pid) as never;
		host.processes.delete(pid);
		assert.deepEqual(await desired(), []);
		assert.deepEqual((await step(true)).wanted, [60001], "missed once");
		host.processes.set(pid, server);
		assert.deepEqual((await step()).wanted, [60001]);
		assert.equal(evaluator.sessions[0]?.admitted, true);
	});

	test("ends no lease", async () => {
		const { host, evaluator, step, desired } = setUp();
		const { pid } = host.serve(60001);
		await step();
		const ended: string[] = [];
		evaluator.leases.add({ opening: at(60001), pid, uid: 1000, ended: (reason) => ended.push(reason) });
		host.kill(pid);
		assert.deepEqual(await desired(), []);
		assert.deepEqual(ended, []);
		await step();
		assert.deepEqual(ended, ["its socket is closed"]);
	});

	test("is not answered when the processes cannot be read", async () => {
		const { host, desired } = setUp();
		host.serve(60001);
		host.pids = () => {
			throw new Error("no /proc");
		};
		await assert.rejects(desired(), /no \/proc/);
	});
});

test("the overview compares what the firewall has open with the sessions", async () => {
	const { host, clock, evaluator, step } = setUp();
	host.serve(60001);
	host.serve(60002);
	await step();
	clock.advance(2500);
	const { ports, leftOver } = evaluator.overview([at(60001), at(60009)]);
	assert.deepEqual(
		ports.map(({ port, state, ageSeconds }) => [port, state, ageSeconds]),
		[
			[60001, "open", 2.5],
			[60002, "pending", 2.5],
		],
	);
	assert.deepEqual(leftOver, [at(60009)]);
});
