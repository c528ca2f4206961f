/** How failures are logged, shown and retried. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { FirewallError } from "../../src/firewall/errors.js";
import { Failures } from "../../src/guard/failures.js";
import { Problems } from "../../src/guard/report/problems.js";
import { TimerGroup } from "../../src/system/timer-group.js";

function setUp() {
	const timers = new TimerGroup();
	timers.start();
	const problems = new Problems();
	const log: unknown[] = [];
	let retries = 0;
	const failures = new Failures({
		problems,
		timers,
		log: (event, fields) => log.push([event, ...Object.values(fields ?? {})]),
		retry: () => retries++,
	});
	const codes = () => problems.list().map(({ code }) => code);
	return { failures, log, codes, retries: () => retries };
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

describe("a firewall that fails", () => {
	test("is retried after longer and longer delays, up to 10 s", () => {
		const { failures, retries } = setUp();
		for (const [attempt, delay] of [100, 500, 2000, 10_000, 10_000].entries()) {
			failures.firewallFailed(new Error("no nft"));
			mock.timers.tick(delay - 1);
			assert.equal(retries(), attempt);
			mock.timers.tick(1);
			assert.equal(retries(), attempt + 1);
		}
	});

	test("is retried once, however many events have failed meanwhile", () => {
		const { failures, retries } = setUp();
		for (let i = 0; i < 10; i++) {
			failures.firewallFailed(new Error("no nft"));
		}
		mock.timers.tick(60_000);
		assert.equal(retries(), 1);
	});

	test("is logged when it begins, when the cause is another, and when it works again", () => {
		const { failures, log, codes, retries } = setUp();
		failures.firewallFailed(new FirewallError("disk-full", "the disk is full"));
		failures.firewallFailed(new FirewallError("disk-full", "the disk is full"));
		failures.firewallFailed(new Error("no nft"));
		assert.ok(!failures.firewallWorks);
		assert.deepEqual(codes(), ["firewall-failed"]);
		failures.firewallWorked();
		failures.firewallWorked();
		assert.deepEqual(log, [
			["firewall.failed", "disk-full", "the disk is full"],
			["firewall.failed", undefined, "no nft"],
			["firewall.recovered"],
		]);
		assert.ok(failures.firewallWorks);
		assert.deepEqual(codes(), []);
		mock.timers.tick(60_000);
		assert.equal(retries(), 0);
		failures.firewallFailed(new Error("no nft"));
		mock.timers.tick(100);
		assert.equal(retries(), 1, "after a success the delays begin anew");
	});
});

describe("the kernel's tables", () => {
	test("that cannot be read are logged once for each cause, without a retry", () => {
		const { failures, log, codes, retries } = setUp();
		for (const cause of ["EMFILE", "EMFILE", "ENOMEM"]) {
			failures.kernelUnreadable(new Error(cause));
		}
		assert.deepEqual(log, [
			["kernel.unreadable", "EMFILE"],
			["kernel.unreadable", "ENOMEM"],
		]);
		assert.deepEqual(codes(), ["kernel-unreadable"]);
		mock.timers.tick(60_000);
		assert.equal(retries(), 0);
		failures.kernelRead();
		assert.deepEqual(codes(), []);
	});
});

test("the last failure is thrown until it is over, the kernel's before the firewall's", () => {
	const { failures } = setUp();
	failures.throwLast();
	failures.firewallFailed(new Error("no nft"));
	failures.kernelUnreadable(new Error("EMFILE"));
	assert.throws(() => failures.throwLast(), /EMFILE/);
	failures.kernelRead();
	assert.throws(() => failures.throwLast(), /no nft/);
	failures.firewallWorked();
	failures.throwLast();
	assert.ok(failures.firewallWorks);
});
