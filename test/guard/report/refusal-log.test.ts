import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RefusalLog } from "../../../src/guard/report/refusal-log.js";
import type { Refusal } from "../../../src/guard/sessions/refusals.js";
import { TimerGroup } from "../../../src/system/timer-group.js";

const socketOf = (uid: number) => ({
	family: "ipv4" as const,
	address: "192.0.2.1",
	port: 60001,
	uid,
	inode: 5,
});

function setUp(now: () => Refusal | undefined = () => undefined) {
	const lines: Record<string, unknown>[] = [];
	const clock = { time: 0, now: () => clock.time };
	const timers = new TimerGroup();
	timers.start();
	const log = new RefusalLog({
		log: (_event, fields) => void lines.push({ ...fields }),
		clock,
		timers,
		refusalOf: now,
	});
	return { log, lines, clock };
}

describe("the log of refusals", () => {
	test("has some lines of each user, then one in 10 s that says how many were left out", () => {
		const { log, lines, clock } = setUp();
		for (let i = 0; i < 1000; i++) {
			log.add(socketOf(1000), { code: "user-limit" });
		}
		assert.equal(lines.length, 20);
		log.add(socketOf(1001), { code: "user-limit" });
		assert.equal(lines.at(-1)?.uid, 1001);
		clock.time += 10_000;
		log.add(socketOf(1000), { code: "user-limit" });
		log.add(socketOf(1000), { code: "user-limit" });
		assert.equal(lines.length, 22);
		assert.equal(lines.at(-1)?.omitted, 980);
	});

	test("has one that may pass by itself only if it has not", (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		let now: Refusal | undefined = { code: "many-holders" };
		const { log, lines } = setUp(() => now);
		log.add(socketOf(1000), { code: "many-holders" });
		t.mock.timers.tick(1000);
		assert.equal(lines.length, 1);
		log.add(socketOf(1000), { code: "many-holders" });
		now = undefined;
		t.mock.timers.tick(1000);
		assert.equal(lines.length, 1);
	});

	test("keeps no more than so many waiting, whoever makes them", (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		let asked = 0;
		const { log } = setUp(() => {
			asked++;
			return undefined;
		});
		for (let i = 0; i < 5000; i++) {
			log.add(socketOf(i), { code: "many-holders" });
		}
		t.mock.timers.tick(1000);
		assert.equal(asked, 1000);
	});
});
