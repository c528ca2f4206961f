import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "../../src/system/within.js";

const never = new Promise<never>(() => {});

test("work is waited for, for so long", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	assert.equal(await within(1000, Promise.resolve("done")), true);
	const late = within(1000, never);
	t.mock.timers.tick(1000);
	assert.equal(await late, false);
});

test("a failure in time is thrown, a later one is lost", async (t) => {
	await assert.rejects(within(1000, Promise.reject(new Error("failed"))), /failed/);
	t.mock.timers.enable({ apis: ["setTimeout"] });
	let fail: (error: Error) => void = () => {};
	const work = new Promise<never>((_, reject) => {
		fail = reject;
	});
	const late = within(1000, work);
	t.mock.timers.tick(1000);
	assert.equal(await late, false);
	// Unhandled, it would end the test.
	fail(new Error("later"));
	await new Promise((resolve) => setImmediate(resolve));
});
