import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { type Guard, SWEEP_MS } from "../../src/guard/guard.js";
import { memoryGuard } from "../support/memory-guard.js";

const started: Guard[] = [];
afterEach(async () => {
	for (const guard of started.splice(0)) {
		await guard.stop({ leaveOpen: true });
	}
});

function setUp() {
	const parts = memoryGuard();
	started.push(parts.guard);
	return parts;
}

test("the mark of the rules is another once the ways to this host are, and none where changes are not counted", async () => {
	const { firewall, guard, ways } = setUp();
	let count: number | undefined = 1;
	firewall.watch = async () => ({
		seesAllOfNft: true,
		othersMark: async () => count,
		stop: async () => undefined,
	});
	await guard.start();
	const marks = [await guard.rulesMark(), await guard.rulesMark()];
	ways.now = "eth1";
	marks.push(await guard.rulesMark());
	count = 2;
	marks.push(await guard.rulesMark());
	assert.equal(marks[0], marks[1]);
	assert.equal(new Set(marks).size, 3);
	count = undefined;
	assert.equal(await guard.rulesMark(), undefined);
});

describe("a sweep", () => {
	/** After each, how often the rules have been read back and openings renewed since the one before. */
	const sweeps = async (
		t: test.TestContext,
		{
			renew,
			steps,
			networks = [],
			hold = true,
		}: {
			renew?: () => Promise<boolean>;
			steps: readonly (number | undefined)[];
			networks?: readonly (string | undefined)[];
			hold?: boolean;
		},
	) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const { host, firewall, guard, ways, rules } = setUp();
		rules.hold = hold;
		ways.network = networks[0];
		let count: number | undefined = 1;
		let renewals = 0;
		firewall.watch = async () => ({
			seesAllOfNft: true,
			othersMark: async () => count,
			stop: async () => undefined,
		});
		if (renew !== undefined) {
			Object.assign(firewall, {
				renew: async () => {
					renewals++;
					return renew();
				},
			});
		}
		host.serve(60001);
		await guard.start();
		const done: [number, number][] = [];
		for (const [sweep, step] of steps.entries()) {
			count = step;
			ways.network = networks[sweep];
			const { listings } = firewall;
			renewals = 0;
			t.mock.timers.tick(SWEEP_MS);
			for (let turn = 0; turn < 50; turn++) {
				t.mock.timers.tick(100);
				await new Promise((resolve) => setImmediate(resolve));
			}
			done.push([firewall.listings - listings, renewals]);
		}
		t.mock.timers.reset();
		return done;
	};
	const renewed = [0, 1];
	const readBack = [1, 0];

	const renew = async () => true;

	test("only renews openings while nobody else has changed rules, four times of five", async (t) => {
		assert.deepEqual(await sweeps(t, { renew, steps: [1, 1, 1, 1, 1, 1, 2, 2, undefined, undefined] }), [
			...[readBack, renewed, renewed, renewed, renewed, readBack],
			...[readBack, renewed, readBack, readBack],
		]);
	});

	const same = Array.from({ length: 65 }, () => "same");
	for (const [what, networks, read, { others = (_at: number) => 1, hold = true } = {}] of [
		["is as it was, but once an hour", same, [60]],
		["has changed at the twentieth", same.map((one, at) => (at < 19 ? one : "other")), [21, 60]],
		["was unknown at the eleventh", same.map((one, at) => (at === 10 ? undefined : one)), [11, 16, 60]],
		["is as it was, and others change rules", same, [8, 60], { others: (at: number) => (at < 7 ? 1 : 2) }],
		["is as it was, and the rules were not all known", same.slice(0, 12), [1, 6, 11], { hold: false }],
	] as const) {
		test(`reads them back where the network ${what}`, async (t) => {
			const done = await sweeps(t, { renew, networks, hold, steps: networks.map((_, at) => others(at)) });
			assert.deepEqual(
				done.flatMap(([readings], at) => (readings > 0 ? [at + 1] : [])),
				read,
			);
		});
	}

	test("that has had rules read is another mark of them", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const { firewall, guard, ways } = setUp();
		ways.network = "same";
		firewall.watch = async () => ({
			seesAllOfNft: true,
			othersMark: async () => 1,
			stop: async () => undefined,
		});
		await guard.start();
		const marks = [];
		for (let sweep = 1; sweep <= 7; sweep++) {
			ways.network = sweep < 6 ? "same" : "other";
			t.mock.timers.tick(SWEEP_MS);
			for (let turn = 0; turn < 20; turn++) {
				await new Promise((resolve) => setImmediate(resolve));
			}
			marks.push(await guard.rulesMark());
		}
		assert.equal(new Set(marks.slice(0, 5)).size, 1);
		assert.notEqual(marks[5], marks[4]);
		assert.equal(marks[6], marks[5]);
	});

	test("reads them back of a firewall whose openings cannot be renewed by themselves", async (t) => {
		assert.deepEqual(await sweeps(t, { steps: [1, 1] }), [readBack, readBack]);
	});

	test("reads them back where renewing fails", async (t) => {
		const fails = () => Promise.reject(new Error("no such set"));
		assert.deepEqual(await sweeps(t, { renew: fails, networks: ["same"], steps: [1, 2] }), [
			[1, 1],
			readBack,
		]);
	});

	test("reads them back where their renewal says that only this will do", async (t) => {
		const isNotEnough = async () => false;
		assert.deepEqual(await sweeps(t, { renew: isNotEnough, networks: ["same"], steps: [1, 2] }), [
			[1, 1],
			readBack,
		]);
	});
});
