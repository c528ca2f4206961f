/** Whether datagrams arrive at what is open: what reports are answered, and what is said when others change rules. */

import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import type { Explanation, Opening } from "../../src/firewall/firewall.js";
import { openingKey } from "../../src/firewall/opening.js";
import { Reachability } from "../../src/guard/reachability.js";
import { TimerGroup } from "../../src/system/timer-group.js";
import { mockedClock } from "../support/mocked-clock.js";

const OPENING: Opening = { family: "ipv4", address: "192.0.2.1", port: 60001 };
const OTHER: Opening = { ...OPENING, port: 60002 };
const RULE = "inet early, chain pre: udp dport 60001 drop";
const CLOSED: Explanation = { verdict: "closed", by: "admin", rule: RULE };
const UNKNOWN: Explanation = { verdict: "unknown", by: "admin", rule: "a limit" };
const OPEN: Explanation = { verdict: "open", by: "guard", rule: "ours" };

function setUp(tookMs = 0) {
	const clock = mockedClock();
	/** What looks have taken, without a timer that fires meanwhile. */
	let spent = 0;
	const timers = new TimerGroup();
	timers.start();
	const held: Opening[] = [OPENING];
	const words = new Map<string, Explanation>();
	const calls: string[] = [];
	const log: string[] = [];
	const takenBack: number[] = [];
	/** What happens while rules are read. */
	const meanwhile = { happens: () => {} };
	const arrivals = new Reachability({
		rules: {
			explain: async (openings) => {
				calls.push(`explain ${openings.map(({ port }) => port)}`);
				spent += tookMs;
				meanwhile.happens();
				return new Map(
					openings.map((opening) => [openingKey(opening), words.get(openingKey(opening)) ?? OPEN]),
				);
			},
			invalidate: () => void calls.push("invalidate"),
			holds: async () => true,
			prepare: async () => void calls.push("prepare"),
		},
		held: () => [...held],
		isHeld: (opening) => held.includes(opening),
		takeBack: ({ port }) => takenBack.push(port),
		log: (event, fields) => log.push(`${event} ${fields?.port} ${fields?.reason}`),
		timers,
		clock: { now: () => clock.now() + spent },
	});
	const pass = async (ms: number) => {
		clock.tick(ms);
		for (let i = 0; i < 10; i += 1) {
			await Promise.resolve();
		}
	};
	return { arrivals, clock, held, words, calls, log, takenBack, meanwhile, pass };
}

afterEach(() => mock.timers.reset());

test("nothing is said of a port that was closed while rules were read", async () => {
	const { arrivals, held, words, log, meanwhile, pass } = setUp();
	held.push(OTHER);
	words.set(openingKey(OPENING), CLOSED);
	words.set(openingKey(OTHER), CLOSED);
	meanwhile.happens = () => held.shift();
	arrivals.look();
	await pass(50);
	assert.deepEqual(log, [`port.shut 60002 closed by the administrator's rule: ${RULE}`]);
});

describe("a report", () => {
	test("is refused with the rule that shuts the port, or may, and each is logged once", async () => {
		const { arrivals, held, words, log } = setUp();
		held.push(OTHER);
		assert.equal(await arrivals.refusalOf([OPENING]), undefined);
		words.set(openingKey(OPENING), CLOSED);
		const blocked = { code: "blocked", detail: `closed by the administrator's rule: ${RULE}` };
		assert.deepEqual(await arrivals.refusalOf([OTHER, OPENING]), blocked);
		assert.deepEqual(await arrivals.refusalOf([OPENING]), blocked);
		words.set(openingKey(OTHER), UNKNOWN);
		assert.equal((await arrivals.refusalOf([OTHER]))?.code, "unverified");
		assert.deepEqual(log, [
			`port.shut 60001 closed by the administrator's rule: ${RULE}`,
			"port.unverified 60002 what comes in may be dropped: a limit",
		]);
	});
});

test("what stands where it is of no use is taken back, once the guard had time to move it", async () => {
	const { arrivals, held, words, takenBack, calls, pass } = setUp();
	const misplaced = { ...CLOSED, by: "policy", misplaced: true } as const;
	held.push(OTHER);
	words.set(openingKey(OPENING), CLOSED);
	words.set(openingKey(OTHER), misplaced);
	assert.equal((await arrivals.refusalOf([OTHER]))?.code, "blocked");
	arrivals.look();
	await pass(50);
	words.delete(openingKey(OTHER));
	await pass(1000);
	assert.deepEqual(takenBack, []);
	assert.deepEqual(calls.splice(0), [
		"explain 60002",
		"explain 60001,60002",
		"invalidate",
		"explain 60001,60002",
	]);
	words.set(openingKey(OTHER), misplaced);
	arrivals.look();
	await pass(1000);
	assert.deepEqual(takenBack, []);
	await pass(1000);
	assert.deepEqual(takenBack, [60002]);
});

test("nothing is taken back for rules that changed while they were read", async () => {
	const { arrivals, words, takenBack, meanwhile, pass } = setUp();
	words.set(openingKey(OPENING), { ...CLOSED, by: "policy", misplaced: true });
	arrivals.look();
	await pass(50);
	meanwhile.happens = () => arrivals.rulesChanged();
	await pass(1000);
	await pass(1000);
	assert.deepEqual(takenBack, []);
	meanwhile.happens = () => {};
	await pass(1000);
	assert.deepEqual(takenBack, [60001]);
});

describe("a change of rules by others", () => {
	test("is looked at soon, and a port that it shuts is said, each time anew", async () => {
		const { arrivals, words, calls, log, pass } = setUp();
		words.set(openingKey(OPENING), CLOSED);
		arrivals.rulesChanged();
		arrivals.rulesChanged();
		await pass(50);
		assert.deepEqual(calls.splice(0), ["invalidate", "invalidate", "explain 60001"]);
		words.clear();
		arrivals.rulesChanged();
		await pass(1000);
		words.set(openingKey(OPENING), CLOSED);
		arrivals.rulesChanged();
		await pass(1000);
		assert.equal(log.length, 2);
	});

	test("is looked at once a second, or less often where a look takes long", async () => {
		const { arrivals, calls, pass } = setUp(100);
		arrivals.look();
		await pass(50);
		assert.deepEqual(calls.splice(0), ["explain 60001"]);
		arrivals.look();
		await pass(1999);
		assert.deepEqual(calls, []);
		await pass(1);
		assert.deepEqual(calls, ["explain 60001"]);
	});

	test("prepares the next login where nothing is open", async () => {
		const { arrivals, held, calls, pass } = setUp();
		held.length = 0;
		arrivals.rulesChanged();
		await pass(50);
		assert.deepEqual(calls, ["invalidate", "prepare"]);
	});

	test("that comes during a look is looked at after it", async () => {
		const { arrivals, calls, pass } = setUp();
		arrivals.look();
		const looking = pass(50);
		arrivals.look();
		await looking;
		await pass(1000);
		assert.deepEqual(calls, ["explain 60001", "explain 60001"]);
	});
});
