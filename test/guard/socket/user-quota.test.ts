import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserQuota } from "../../../src/guard/socket/user-quota.js";

function quotaOf(kind: "root" | "user", sessions = 20) {
	let time = 0;
	const clock = { now: () => time };
	const pass = (ms: number) => {
		time += ms;
	};
	return { quota: new UserQuota(kind, 1000, sessions, clock), pass };
}

describe("the requests of one user", () => {
	test("are 40 at once, then ten a second; beyond what can wait they are refused", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const { quota, pass } = quotaOf("user");
		for (let i = 0; i < 40; i++) {
			assert.equal(await quota.admitRequest(), true);
		}
		let served = 0;
		const waiting = Array.from({ length: 50 }, () => quota.admitRequest().then((may) => may && served++));
		assert.equal(await quota.admitRequest(), false);
		t.mock.timers.tick(1000);
		await new Promise((resolve) => setImmediate(resolve));
		assert.equal(served, 10);
		t.mock.timers.tick(4000);
		await Promise.all(waiting);
		assert.equal(served, 50);
		pass(5100);
		assert.equal(await quota.admitRequest(), true);
	});

	test("are at least as many at once as the user may have sessions, which all report to a new guard", async () => {
		const { quota } = quotaOf("user", 500);
		for (let i = 0; i < 1000; i++) {
			assert.equal(await quota.admitRequest(), true);
		}
	});

	test("are not counted for root", async () => {
		const { quota } = quotaOf("root");
		for (let i = 0; i < 1000; i++) {
			assert.equal(await quota.admitRequest(), true);
		}
	});
});

test("long answers are made one after another, also after one that failed", async () => {
	const { quota } = quotaOf("user");
	const order: string[] = [];
	const answer = (name: string) => async () => {
		order.push(`${name} begins`);
		await new Promise((resolve) => setImmediate(resolve));
		order.push(`${name} ends`);
		if (name === "a") {
			throw new Error("a");
		}
	};
	const [a, b] = [quota.oneAtATime(answer("a")), quota.oneAtATime(answer("b"))];
	await assert.rejects(a);
	await b;
	assert.deepEqual(order, ["a begins", "a ends", "b begins", "b ends"]);
});
