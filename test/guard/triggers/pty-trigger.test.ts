/** Events of ptys, in a folder of the test and on this kernel. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PtyTrigger } from "../../../src/guard/triggers/pty-trigger.js";
import { RescanBurst } from "../../../src/guard/triggers/rescan-burst.js";
import { monotonicClock } from "../../../src/system/clock.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

describe("a pty that comes or goes", () => {
	test("is an event, each time", async () => {
		const folder = scratchFolder();
		const trigger = new PtyTrigger(folder);
		let events = 0;
		trigger.start(
			() => events++,
			() => assert.fail("it works"),
		);
		for (const expected of [1, 2, 3]) {
			mkdirSync(join(folder, String(expected)));
			await until("the event comes", () => events >= expected);
		}
		await trigger.stop();
	});

	test("is known to be gone, which means nothing more where each end of a socket is told", async () => {
		const folder = scratchFolder();
		const pty = join(folder, "1");
		let areEndsTold = true;
		const trigger = new PtyTrigger(folder, () => areEndsTold);
		const told: unknown[] = [];
		trigger.start(
			(port, isToldBesides) => told.push(port ?? isToldBesides),
			() => assert.fail("it works"),
		);
		const change = async (make: (path: string) => void) => {
			const before = told.length;
			make(pty);
			await until("the event comes", () => told.length > before);
		};
		for (const make of [mkdirSync, rmdirSync]) {
			await change(make);
		}
		areEndsTold = false;
		for (const make of [mkdirSync, rmdirSync]) {
			await change(make);
		}
		await trigger.stop();
		assert.deepEqual(told, [false, true, false, false]);
	});

	test("does not keep the guard from everything else, however many do, and the last one is an event", async () => {
		const trigger = new PtyTrigger();
		let events = 0;
		const burst = new RescanBurst({ full: () => events++, quick: () => undefined }, monotonicClock);
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
		assert.ok(events < 10_000, `${events} times`);
		await new Promise((resolve) => setTimeout(resolve, 100));
		const before = events;
		spawn("perl", ["-e", 'open(my $p, "+<", "/dev/ptmx")']);
		await until("the last one is an event", () => events > before);
		await trigger.stop();
		burst.stop();
	});
});
