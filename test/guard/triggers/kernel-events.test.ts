/** What wakes the guard: the stream of destroyed sockets, as `ss` writes it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
	destroyedPort,
	PtyTrigger,
	SocketDestroyTrigger,
} from "../../../src/guard/triggers/kernel-events.js";
import { RescanBurst } from "../../../src/guard/triggers/rescan-burst.js";
import { monotonicClock } from "../../../src/system/clock.js";
import type { Commands } from "../../../src/system/commands.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

const RANGE = { first: 60001, last: 60999 };

describe("a destroyed socket", () => {
	test("is known by its local port", () => {
		assert.equal(destroyedPort("0      -1     127.0.0.1:60001     0.0.0.0:*"), 60001);
		assert.equal(destroyedPort("UNCONN 0 -1 [fd00::1]:60001 [::]:*"), 60001);
		assert.ok(Number.isNaN(destroyedPort("Recv-Q Send-Q")));
		assert.ok(Number.isNaN(destroyedPort("")));
	});

	test("wakes only when its port is one that somebody is believed to hold", async () => {
		let write: (line: string) => void = () => assert.fail("not followed");
		const follow: Commands["follow"] = async (_tool, _args, onLine) => {
			write = onLine;
			return { pid: 1, stop: async () => undefined };
		};
		const held = new Set([60001]);
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			(port) => held.has(port),
		);
		const woken: unknown[] = [];
		trigger.start(
			(port) => woken.push(port),
			() => assert.fail("it works"),
		);
		write("0      -1     127.0.0.1:60002     0.0.0.0:*");
		write("0      -1     127.0.0.1:53     0.0.0.0:*");
		assert.deepEqual(woken, []);
		write("0      -1     127.0.0.1:60001     0.0.0.0:*");
		assert.deepEqual(woken, [60001]);
		await trigger.stop();
	});

	test("is asked of the kernel for the range alone", async () => {
		let asked: readonly string[] = [];
		const follow: Commands["follow"] = async (_tool, args) => {
			asked = args;
			return { pid: 1, stop: async () => undefined };
		};
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			() => true,
		);
		trigger.start(
			() => undefined,
			() => undefined,
		);
		assert.equal(asked.at(-1), "sport >= :60001 and sport <= :60999");
		await trigger.stop();
	});

	test("is made up for by looks while a flood has ended the stream", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
		const ends: (() => void)[] = [];
		const follow: Commands["follow"] = async (_tool, _args, _onLine, onEnd) => {
			ends.push(onEnd);
			return { pid: 1, stop: async () => undefined };
		};
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			() => true,
		);
		let woken = 0;
		let failures = 0;
		trigger.start(
			() => woken++,
			() => failures++,
		);
		const turn = () => new Promise((resolve) => setImmediate(resolve));
		// The second time it stays away for a second.
		for (const wait of [100, 900]) {
			ends.at(-1)?.();
			t.mock.timers.tick(wait);
			await turn();
		}
		assert.deepEqual([ends.length, failures], [2, 2]);
		assert.equal(woken, 6);
		t.mock.timers.tick(100);
		await turn();
		assert.equal(ends.length, 3);
		t.mock.timers.tick(10_000);
		assert.equal(woken, 6);
		await trigger.stop();
	});
});

describe("a pty that comes or goes", () => {
	test("wakes, each time", async () => {
		const folder = scratchFolder();
		const trigger = new PtyTrigger(folder);
		let woken = 0;
		trigger.start(
			() => woken++,
			() => assert.fail("it works"),
		);
		for (const expected of [1, 2, 3]) {
			mkdirSync(join(folder, String(expected)));
			await until("it is heard of", () => woken >= expected);
		}
		await trigger.stop();
	});

	test("does not keep the guard from everything else, however many do, and the last one is heard of", async () => {
		const trigger = new PtyTrigger();
		let woken = 0;
		const burst = new RescanBurst({ look: () => woken++, glance: () => undefined }, monotonicClock);
		trigger.start(
			() => burst.trigger(),
			() => assert.fail("it works"),
		);
		const flood = 'my $end = time + 3; while (time < $end) { open(my $p, "+<", "/dev/ptmx") for 1 .. 100 }';
		const floods = [1, 2].map(() => spawn("perl", ["-e", flood]));
		let ticks = 0;
		const timer = setInterval(() => ticks++, 5);
		await Promise.all(floods.map((child) => once(child, "exit")));
		clearInterval(timer);
		assert.ok(ticks > 50, `${ticks} ticks`);
		// 32 in a row, then 20 ms of rest; the floods make a hundred thousand.
		assert.ok(woken < 10_000, `${woken} times`);
		await new Promise((resolve) => setTimeout(resolve, 100));
		const before = woken;
		spawn("perl", ["-e", 'open(my $p, "+<", "/dev/ptmx")']);
		await until("the last one is heard of", () => woken > before);
		await trigger.stop();
		burst.stop();
	});
});
