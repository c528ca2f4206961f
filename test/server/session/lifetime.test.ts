import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	AWAY_AFTER_MS,
	FIRST_CLIENT_LIMIT_MS,
	Lifetime,
	SHUTDOWN_CHECK_MS,
} from "../../../src/server/session/lifetime.js";
import type { Timeouts } from "../../../src/server/session/timeouts.js";
import { FakeClock } from "../../support/fake-clock.js";

function setUp(timeouts: Partial<Timeouts> = {}) {
	const clock = new FakeClock();
	const lifetime = new Lifetime(
		{ network: undefined, signal: undefined, farewell: 0, ...timeouts },
		clock.now(),
	);
	/** Sleeps as a session does, for at most `ms`; what is reported, each with the milliseconds passed by then. */
	const run = (ms: number) => {
		const start = clock.now();
		const seen: string[] = [];
		for (let turns = 0; ; turns++) {
			assert.ok(turns < 1000, "it asks to be called again and again");
			for (const event of lifetime.advance(clock.now())) {
				seen.push(`${event} ${clock.now() - start}`);
			}
			const wait = lifetime.waitTime(clock.now());
			if (clock.now() + wait > start + ms || (wait === 0 && seen.length > 0)) {
				return seen;
			}
			clock.advance(wait);
		}
	};
	const hear = () => lifetime.heard(clock.now());
	return { clock, lifetime, run, hear };
}

describe("the lifetime of a session", () => {
	it("is a minute without a client", () => {
		const { run } = setUp();
		assert.deepEqual(run(100_000), [`no-client ${FIRST_CLIENT_LIMIT_MS}`]);
	});

	it("knows the first client from its return", () => {
		const { hear } = setUp();
		assert.deepEqual([hear(), hear()], [true, false]);
	});

	it("has no limit once there has been a client, which is away after 30 s of silence, once each time", () => {
		const { run, hear, clock, lifetime } = setUp();
		hear();
		clock.advance(20_000);
		hear();
		assert.deepEqual(run(10 * 24 * 3600_000), [`away ${AWAY_AFTER_MS}`]);
		assert.equal(lifetime.waitTime(clock.now()), Number.POSITIVE_INFINITY);
		hear();
		assert.deepEqual(run(60_000), [`away ${AWAY_AFTER_MS}`]);
	});

	it("ends by the network timeout, counted from the last state heard", () => {
		const { run, hear, clock } = setUp({ network: 5_000 });
		hear();
		clock.advance(4_999);
		hear();
		assert.deepEqual(run(100_000), ["silence 5000"]);
	});

	it("reports absence and silence together when both have passed unnoticed", () => {
		const { clock, hear, lifetime } = setUp({ network: 40_000 });
		hear();
		clock.advance(40_000);
		assert.deepEqual(lifetime.advance(clock.now()), ["away", "silence"]);
	});

	it("does not begin the network timeout before there is a client", () => {
		const { run } = setUp({ network: 5_000 });
		assert.deepEqual(run(100_000), [`no-client ${FIRST_CLIENT_LIMIT_MS}`]);
	});

	it("is checked regularly during a shutdown, to which the network timeout does not apply", () => {
		const { clock, hear, lifetime } = setUp({ network: 5_000 });
		hear();
		lifetime.shutDown();
		assert.equal(lifetime.waitTime(clock.now()), SHUTDOWN_CHECK_MS);
		clock.advance(20_000);
		assert.deepEqual(lifetime.advance(clock.now()), []);
		assert.equal(lifetime.waitTime(clock.now()), SHUTDOWN_CHECK_MS);
		clock.advance(9_000);
		assert.equal(lifetime.waitTime(clock.now()), 1_000, "absence is shown all the same");
	});

	it("is ended by SIGUSR1 always, or by the administrator's wish only after silence", () => {
		assert.equal(setUp().lifetime.endsOnUsr1(0), true);
		const { clock, hear, lifetime } = setUp({ signal: 20_000 });
		clock.advance(50_000);
		hear();
		assert.equal(lifetime.endsOnUsr1(clock.now() + 19_999), false);
		assert.equal(lifetime.endsOnUsr1(clock.now() + 20_000), true);
	});
});
