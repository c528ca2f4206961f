import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { GenerationReader } from "../../src/firewall/nft-monitor.js";
import { SerialQueue } from "../../src/system/serial-queue.js";
import { Throttle } from "../../src/system/throttle.js";

describe("a burst of events", () => {
	let now = 0;
	const advance = (ms: number) => {
		for (let step = 0; step < ms; step += 1) {
			now += 1;
			mock.timers.tick(1);
		}
	};
	beforeEach(() => {
		mock.timers.enable({ apis: ["setTimeout"] });
		mock.method(performance, "now", () => now);
	});
	afterEach(() => mock.reset());

	test("becomes one call soon and then few, and the last event is never lost", () => {
		const calls: string[] = [];
		const settle = new Throttle((cause) => calls.push(`${cause} at ${now}`), {
			delayMs: 10,
			intervalMs: 100,
		});
		now = 0;
		settle.event("first");
		settle.event("second");
		advance(10);
		assert.deepEqual(calls, ["first at 10"]);
		settle.event("third");
		advance(50);
		settle.event("fourth");
		advance(50);
		assert.deepEqual(calls, ["first at 10", "third at 110"]);
		settle.event("fifth");
		settle.stop();
		advance(500);
		assert.equal(calls.length, 2);
	});
});

test("tasks run one at a time, in order, whatever becomes of the others", async () => {
	const serial = new SerialQueue();
	const log: string[] = [];
	const task = (name: string, fails = false) =>
		serial.run(async () => {
			log.push(`${name} begins`);
			await new Promise((resolve) => setImmediate(resolve));
			log.push(`${name} ends`);
			if (fails) throw new Error(name);
			return name;
		});
	const results = await Promise.allSettled([task("a"), task("b", true), task("c")]);
	assert.deepEqual(
		results.map(({ status }) => status),
		["fulfilled", "rejected", "fulfilled"],
	);
	assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

describe("changes as nft's monitor prints them", () => {
	const read = (...lines: string[]) => {
		const reader = new GenerationReader(
			(line) => line.includes(" ip filter "),
			(pid) => pid === 10,
		);
		return lines.flatMap((line) => reader.read(line) ?? []);
	};

	test("name the program that made them, unless it was ours or they do not concern us", () => {
		const ours = [
			"add rule ip filter MOSH-PORTGUARD udp dport 60001 accept",
			"# new generation 7 by process 10 (iptables-nft-re)",
		];
		const others = [
			"delete rule ip filter INPUT handle 5",
			"# new generation 8 by process 11 (iptables-nft)",
		];
		const elsewhere = ["add table inet x", "# new generation 9 by process 12 (nft)"];
		assert.deepEqual(read(...ours, ...others, ...elsewhere), ["iptables-nft"]);
	});

	test("are not taken for those of the next program", () => {
		const lines = [
			"add rule ip filter INPUT accept",
			"# new generation 7 by process 10 (x)",
			"# new generation 8 by process 11 (y)",
		];
		assert.deepEqual(read(...lines), []);
	});
});
