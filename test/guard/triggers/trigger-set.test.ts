/** What the events of triggers and of the firewall cause. */

import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import type { Firewall } from "../../../src/firewall/firewall.js";
import { Problems } from "../../../src/guard/report/problems.js";
import type { OnEvent, Trigger } from "../../../src/guard/triggers/trigger.js";
import { TriggerSet, type TriggerSetDependencies } from "../../../src/guard/triggers/trigger-set.js";
import { MemoryFirewall } from "../../support/memory-firewall.js";
import { mockedClock } from "../../support/mocked-clock.js";

class FakeTrigger implements Trigger {
	started = 0;
	stopped = 0;
	event: OnEvent = () => assert.fail("not started");
	fail: (cause: unknown) => void = () => assert.fail("not started");

	readonly name: string;
	readonly early: boolean;

	constructor(name: string, early: boolean) {
		this.name = name;
		this.early = early;
	}

	start(onEvent: OnEvent, onFailure: (cause: unknown) => void): void {
		this.started++;
		this.event = onEvent;
		this.fail = onFailure;
	}

	async stop(): Promise<void> {
		this.stopped++;
	}
}

function setUp(
	firewall: Firewall = new MemoryFirewall(),
	watchOtherRules?: TriggerSetDependencies["watchOtherRules"],
) {
	const clock = mockedClock();
	const [early, late] = [new FakeTrigger("early", true), new FakeTrigger("late", false)];
	const log: string[] = [];
	const problems = new Problems();
	const set = new TriggerSet({
		triggers: [early, late],
		firewall,
		clock,
		problems,
		log: (event, fields) => log.push(`${event} ${fields?.cause}`),
		scans: { full: () => log.push("full"), quick: () => log.push("quick") },
		scanPort: (port) => log.push(`port ${port}`),
		firewallChanged: () => log.push("read back"),
		otherRulesChanged: () => log.push("other rules"),
		watchOtherRules,
	});
	return { clock, early, late, log, problems, set };
}

afterEach(() => mock.timers.reset());

describe("triggers", () => {
	test("whose events precede their effect cause a burst of scans, others one scan, of the port if it is known", async () => {
		const { clock, early, late, log, set } = setUp();
		await set.start();
		late.event();
		late.event(60001);
		early.event();
		assert.deepEqual(log.splice(0), ["full", "port 60001", "full"]);
		clock.tick(100);
		assert.deepEqual(log, ["quick", "quick", "quick"]);
	});

	test("that mean what another one tells cause no list of all sockets unless their number differs", async () => {
		const { clock, early, log, set } = setUp();
		await set.start();
		early.event(undefined, true);
		clock.tick(100);
		assert.deepEqual(log, ["quick"]);
	});

	test("that fail are a problem and a line in the log, and the others go on", async () => {
		const { early, late, log, problems, set } = setUp();
		await set.start();
		early.fail(new Error("no inotify"));
		assert.deepEqual(log.splice(0), ["watch.failed no inotify"]);
		assert.deepEqual(problems.list(), [
			{ code: "no-early-events", message: "No early events: no inotify. Changes are noticed later." },
		]);
		late.event();
		assert.deepEqual(log, ["full"]);
	});

	test("are stopped, the burst under way and the watch of the firewall with them, and can start again", async () => {
		const firewall = new MemoryFirewall();
		const { clock, early, late, log, set } = setUp(firewall);
		await set.start();
		early.event();
		await set.stop();
		log.length = 0;
		clock.tick(100);
		assert.deepEqual(log, []);
		assert.deepEqual([early.stopped, late.stopped, firewall.watched], [1, 1, false]);
		await set.start();
		assert.deepEqual([early.started, firewall.watched], [2, true]);
	});
});

describe("the firewall", () => {
	test("that another program changes is read back, with the cause in the log", async () => {
		const firewall = new MemoryFirewall();
		const { log, set } = setUp(firewall);
		await set.start();
		firewall.flush();
		assert.deepEqual(log, ["firewall.changed flushed", "read back"]);
	});

	test("that does not see all rules of the host has the others watched, and nothing of them is logged", async () => {
		let change = () => {};
		let stopped = 0;
		const watchOthers = async (listener: () => void) => {
			change = listener;
			return [{ stop: async () => void stopped++ }];
		};
		const { log, set } = setUp(new MemoryFirewall(), watchOthers);
		await set.start();
		change();
		await set.stop();
		assert.deepEqual([log, stopped], [["other rules"], 1]);
		mock.timers.reset();
		const seeing = new MemoryFirewall();
		seeing.watch = async () => ({ seesAllOfNft: true, stop: async () => undefined });
		const told: boolean[] = [];
		const others = async (_: () => void, isNftSeen: boolean) => {
			told.push(isNftSeen);
			return [];
		};
		await setUp(seeing, others).set.start();
		assert.deepEqual(told, [true]);
	});

	test("that cannot be watched is a problem, not the end of the start", async () => {
		const firewall = new MemoryFirewall();
		firewall.watch = () => Promise.reject(new Error("no netlink"));
		const { early, problems, set } = setUp(firewall);
		await set.start();
		assert.equal(problems.list()[0]?.code, "no-firewall-events");
		assert.equal(early.started, 1);
		await set.stop();
	});
});
