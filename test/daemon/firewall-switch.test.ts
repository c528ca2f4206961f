/** When another firewall in force counts. */

import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { FirewallSwitch } from "../../src/daemon/firewall-switch.js";
import { mockedClock } from "../support/mocked-clock.js";

function setUp(controlled = "ufw", tookMs = 0) {
	const mocked = mockedClock();
	/** What looks have taken, without a timer that fires meanwhile. */
	let spent = 0;
	const clock = { now: () => mocked.now() + spent, tick: mocked.tick };
	const failures: string[] = [];
	const rules = { mark: undefined as string | undefined };
	const host = { inForce: controlled as string | Error, looks: 0, incomplete: false, meanwhile: () => {} };
	const gone: string[] = [];
	const find = async () => {
		host.looks++;
		spent += tookMs;
		const { inForce, incomplete } = host;
		host.meanwhile();
		if (inForce instanceof Error) {
			throw inForce;
		}
		return { name: inForce, incomplete };
	};
	const watch = new FirewallSwitch({
		controlled,
		find,
		gone: (name) => gone.push(name),
		failed: (cause) => failures.push(cause),
		rulesMark: async () => rules.mark,
		clock,
	});
	let came: string | undefined;
	void watch.came.then((name) => {
		came = name;
	});
	watch.start();
	/** Time goes by in small steps: each look is a promise. */
	const pass = async (ms: number) => {
		for (let left = ms; left > 0; left -= 50) {
			clock.tick(Math.min(50, left));
			await new Promise<void>((resolve) => setImmediate(resolve));
		}
		return came;
	};
	const change = (inForce: string | Error) => {
		host.inForce = inForce;
		watch.rulesChanged();
	};
	return { rules, host, failures, gone, watch, pass, change };
}

afterEach(() => mock.timers.reset());

describe("another firewall in force", () => {
	for (const [controlled, found] of [
		["none", "ufw"],
		["ufw", "nftables"],
		["nftables", "ufw + nftables"],
	] as const) {
		test(`that comes (${found} after ${controlled}) counts within a second of the last change`, async () => {
			const { pass, change } = setUp(controlled);
			change("none");
			assert.equal(await pass(100), undefined);
			change(found);
			assert.equal(await pass(900), found);
		});
	}

	test("is not looked for while changes go on, and is not one that only shows in between", async () => {
		const { host, pass, change } = setUp();
		for (const inForce of ["iptables", "iptables", "none", "iptables", "ufw"]) {
			change(inForce);
			assert.equal(await pass(100), undefined);
		}
		assert.equal(host.looks, 0);
		assert.equal(await pass(5_000), undefined);
		assert.equal(host.looks, 1);
	});

	for (const [controlled, left] of [
		["ufw", "none"],
		["ufw + nftables", "nftables"],
	] as const) {
		test(`that is what is left (${left} of ${controlled}) counts after three seconds`, async () => {
			const { pass, change } = setUp(controlled);
			change(left);
			assert.equal(await pass(2_900), undefined);
			assert.equal(await pass(400), left);
		});
	}

	test("does not count when the one controlled comes back meanwhile", async () => {
		const { pass, change } = setUp();
		change("none");
		await pass(2_000);
		change("ufw");
		assert.equal(await pass(10_000), undefined);
	});

	test("does not count while the one controlled is coming back, as a change during the look tells", async () => {
		const { host, watch, pass, change } = setUp();
		change("none");
		await pass(2_900);
		host.meanwhile = () => {
			host.inForce = "ufw";
			host.meanwhile = () => {};
			watch.rulesChanged();
		};
		assert.equal(await pass(10_000), undefined);
	});

	test("that follows soon on the end of the old one is not waited for", async () => {
		const { pass, change } = setUp();
		change("none");
		await pass(1_000);
		change("firewalld");
		assert.equal(await pass(900), "firewalld");
	});

	test("does not count during a reload that takes long, though what is controlled is gone in between", async () => {
		const { pass, change } = setUp();
		for (let i = 0; i < 10; i++) {
			change("none");
			assert.equal(await pass(2_000), undefined);
		}
		change("ufw");
		assert.equal(await pass(5_000), undefined);
	});

	test("counts in the end where rules never stand still", async () => {
		const { pass, change } = setUp();
		let came: string | undefined;
		for (let i = 0; i < 400 && came === undefined; i++) {
			change("nftables");
			came = await pass(100);
		}
		assert.equal(came, "nftables");
	});

	test("is found without events too, within a minute", async () => {
		const { host, pass } = setUp();
		host.inForce = "nftables";
		assert.equal(await pass(61_000), "nftables");
	});

	test("is looked for once more where that is asked for during a look: the configuration may have changed since", async () => {
		const { host, watch, pass } = setUp();
		const first = watch.look();
		host.inForce = "nftables";
		await Promise.all([first, watch.look()]);
		assert.equal(host.looks, 1);
		assert.equal(await pass(1_000), "nftables");
	});

	test("changes nothing while it cannot be told", async () => {
		const { pass, change, failures } = setUp();
		change(new Error("nft failed"));
		assert.equal(await pass(1_000), undefined);
		assert.deepEqual(failures, ["nft failed"]);
		change("firewalld");
		assert.equal(await pass(1_000), "firewalld");
	});

	test("is looked for again soon after a look in vain, less and less often", async () => {
		const { host, failures, pass, change } = setUp("none");
		host.incomplete = true;
		change("none");
		await pass(4_000);
		// At 0.15, 0.65, 1.65 and 3.65 s.
		assert.equal(host.looks, 4);
		change(new Error("nft failed"));
		await pass(4_000);
		assert.equal(host.looks, 8);
		assert.deepEqual(failures, ["nft failed"]);
		host.inForce = "nftables";
		host.incomplete = false;
		assert.equal(await pass(5_000), "nftables");
	});

	test("is looked for at once a few times, and no oftener than a share of the time allows where rules keep changing", async () => {
		const { host, pass, change } = setUp("none", 100);
		for (let second = 0; second < 60; second += 1) {
			change("none");
			await pass(300);
			change("none");
			await pass(700);
			if (second === 1) {
				assert.equal(host.looks, 4);
			}
		}
		// One in ten of the time, 67 s with the looks, and four seconds ahead.
		assert.ok(host.looks <= 72, `${host.looks} looks`);
	});

	test("is decided on by one look where no change follows", async () => {
		const { host, pass, change } = setUp("none");
		change("nftables");
		assert.equal(await pass(500), "nftables");
		assert.equal(host.looks, 1);
	});

	test("that is less than before is said at once", async () => {
		const { gone, pass, change } = setUp("ufw + nftables");
		change("ufw");
		await pass(200);
		assert.deepEqual(gone, ["ufw"]);
	});

	test("is looked for no more once stopped", async () => {
		const { host, watch, pass, change } = setUp();
		watch.stop();
		change("nftables");
		await pass(61_000);
		assert.equal(host.looks, 0);
	});
});

test("what nobody has told of, since it was before the start, is found soon after it", async () => {
	const { host, rules, pass } = setUp("none");
	rules.mark = "1";
	host.inForce = "ufw";
	assert.equal(await pass(8000), "ufw");
});

test("as long as the mark of the rules is the same, no look is made but for a change that is told of", async () => {
	const { rules, host, pass, change } = setUp();
	const minute = 61_000;
	await pass(2 * minute);
	assert.equal(host.looks, 2);
	rules.mark = "1";
	await pass(minute);
	host.looks = 0;
	await pass(7 * minute);
	assert.equal(host.looks, 0);
	change("ufw");
	await pass(1000);
	assert.equal(host.looks, 1);
	rules.mark = "2";
	await pass(minute);
	assert.equal(host.looks, 2);
	rules.mark = undefined;
	await pass(2 * minute);
	assert.equal(host.looks, 4);
});

test("after the first look none follows while the kernel counts no change of others", async () => {
	const { rules, host, pass } = setUp();
	rules.mark = "1";
	await pass(61_000);
	assert.equal(host.looks, 1);
	await pass(4 * 61_000);
	assert.equal(host.looks, 1);
});
