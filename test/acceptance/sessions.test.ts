/**
 * Many concurrent sessions of stock mosh-servers, begun and killed at random, beside each real firewall: with TEST_EXTENT=full
 * 200 beside nftables, 40 beside the others, which differ from it in no way that depends on the number.
 * ACCEPTANCE_SESSIONS=200 for all.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SWEEP_MS } from "../../src/guard/guard.js";
import { ADMIN_DENIED, ADMIN_OPEN } from "../firewall/conformance.js";
import { now } from "../lab/bare-probe.js";
import { SERVER4, SERVER6 } from "../lab/hosts.js";
import { inFull } from "../support/extent.js";
import { SeededRandom } from "../support/random.js";
import { sleep, until } from "../support/wait.js";
import { GuardedHost, skipReason, subjects } from "./guarded-host.js";
import { placeKey, places, type Session } from "./stock-sessions.js";

const CONCURRENT: Readonly<Record<string, number>> = { nftables: inFull(200, 60) };
const CONCURRENT_ELSEWHERE = Number(process.env.ACCEPTANCE_SESSIONS ?? inFull(40, 20));
const BATCH = inFull(20, 10);
const CHURN_ROUNDS = inFull(3, 2);
const FIRST_PORT = 60001;

/**
 * Half of the ports open and close sooner on any machine. It is a third of the time between two sweeps: it is the events
 * that are tried here.
 */
const MIDDLE_DELAY_MS = SWEEP_MS / 3;

/** Places looked at in one sample. Each makes a stock server fork twice. */
const SAMPLE = 12;
const SAMPLE_EVERY_MS = 250;

/** Longer than a server takes to answer when its port is open. */
const ANSWER_MS = 500;

/** Two at a time: each has some seconds of waiting. */
describe("concurrent sessions", { concurrency: 2 }, () => {
	for (const subject of subjects) {
		sessionsBeside(subject);
	}
});

function sessionsBeside(subject: (typeof subjects)[number]): void {
	describe(subject.name, { concurrency: 1 }, async () => {
		const skip = await skipReason(...subject.tools);
		if (skip) {
			return void test("skipped", { skip });
		}
		const concurrent = CONCURRENT[subject.name] ?? CONCURRENT_ELSEWHERE;
		const random = new SeededRandom(200);
		let host: GuardedHost;
		let pristine: string;
		let standing: string;
		const pick = <T>(list: readonly T[], count: number): T[] => {
			const rest = [...list];
			return Array.from({ length: Math.min(count, list.length) }, () =>
				rest.splice(random.below(rest.length), 1),
			).flat();
		};

		before(async () => {
			host = await GuardedHost.create(subject);
			pristine = await host.listing();
			await host.start();
			standing = await host.listing();
		});
		after(() => host?.remove());

		/** Sessions whose ports were seen open, and places whose ports were seen shut after their servers had ended. */
		const opened = new Set<Session>();
		const closed = new Set<string>();
		const delays = { open: [] as number[], close: [] as number[] };
		let samples = 0;

		const begin = async (first: number) => {
			const { sessions } = host;
			const begun = await sessions.start(places(first, BATCH));
			await Promise.all(
				begun.map(async (session) => {
					const ended = () => session.endedAt !== undefined;
					const answers = async () => (await sessions.unanswered([session], ANSWER_MS)).length === 0;
					await until("a live session's port is open", async () => ended() || (await answers()));
					if (session.endedAt !== undefined) {
						return;
					}
					opened.add(session);
					delays.open.push(now() - session.startedAt);
				}),
			);
		};
		const kill = async (victims: readonly Session[]) => {
			const { sessions } = host;
			sessions.kill(victims);
			delays.close.push(...(await sessions.closeDelays(victims)));
			for (const victim of victims) {
				closed.add(placeKey(victim));
			}
		};

		/**
		 * By order, not by the clock: whatever the machine has to do, what was seen open stays open while its server lives, and
		 * what was seen shut stays shut.
		 */
		async function sample(count: number): Promise<void> {
			const { sessions } = host;
			const live = pick(
				sessions.live.filter((session) => opened.has(session)),
				count,
			);
			const left = pick(
				sessions.left.filter((place) => closed.has(placeKey(place))),
				count,
			);
			const [unreached, passed] = await Promise.all([sessions.unreached(live), sessions.closeDelays(left)]);
			const open = left.filter((_, at) => (passed[at] ?? 0) > 0);
			assert.deepEqual(open, [], "a port is open without its server");
			assert.deepEqual(unreached, [], "a live session's port is not open");
			samples += 1;
		}

		test("at every sampled moment the ports of live sessions are open and no others", async (t) => {
			const { sessions } = host;
			let churning = true;
			const sampler = (async () => {
				while (churning) {
					await sample(SAMPLE);
					await sleep(SAMPLE_EVERY_MS);
				}
			})();
			try {
				let next = FIRST_PORT;
				const beginNext = () => {
					next += BATCH;
					return begin(next - BATCH);
				};
				while (sessions.live.length < concurrent) {
					await beginNext();
					if (sessions.live.length < concurrent - BATCH) {
						await kill(pick(sessions.live, random.below(5)));
					}
				}
				assert.ok(sessions.live.length >= concurrent);
				for (let round = 0; round < CHURN_ROUNDS; round += 1) {
					await Promise.all([kill(pick(sessions.live, BATCH)), beginNext()]);
				}
			} finally {
				churning = false;
				await sampler;
			}
			await sample(concurrent * 2);
			const told = Object.entries(delays).map(([what, all]) => {
				all.sort((a, b) => a - b);
				const quantile = (q: number) => all[Math.floor(q * (all.length - 1))] ?? 0;
				assert.ok(quantile(0.5) < MIDDLE_DELAY_MS, `${what}: ${quantile(0.5)} ms`);
				return `${what} in ms: p50 ${quantile(0.5).toFixed(0)}, most ${quantile(1).toFixed(0)} of ${all.length}`;
			});
			t.diagnostic(`${sessions.all.length} sessions, ${samples} samples; ${told.join("; ")}`);
		});

		test("deny rules of the administrator take precedence, and the administrator's own opening stays", async () => {
			const { sessions, lab } = host;
			const denied = await sessions.start([
				{ address: SERVER4, port: ADMIN_DENIED },
				{ address: SERVER6, port: ADMIN_DENIED },
			]);
			const own = await sessions.start([{ address: SERVER4, port: ADMIN_OPEN }]);
			// On a loaded machine a status may have too little time for all rules, and says so.
			const undecided = ["pending", "unverified"];
			const decided = await until("the guard has opened all three", async () => {
				const { ports } = await host.installed.status();
				const found = ports.filter(({ port, state }) => port >= ADMIN_OPEN && !undecided.includes(state));
				return found.length === 3 && found;
			});
			// What the administrator denies is not called open.
			assert.deepEqual(decided.map(({ port, state }) => [port === ADMIN_DENIED, state === "open"]).sort(), [
				[false, true],
				[true, false],
				[true, false],
			]);
			assert.deepEqual(await sessions.unreached(own), []);
			assert.deepEqual(await sessions.unanswered(denied, ANSWER_MS), denied);
			await sessions.end();
			await until("our openings are gone", async () => (await host.listing()) === standing);
			assert.equal(await lab.isOpen(SERVER4, ADMIN_OPEN), true);
			assert.equal(await lab.isOpen(SERVER6, ADMIN_OPEN), true);
			assert.equal(await lab.isOpen(SERVER4, ADMIN_DENIED), false);
		});

		test("afterwards every rule of the administrator is as before, and SIGTERM leaves no rule of ours", async () => {
			assert.equal(await host.stop(), 0);
			assert.equal(await host.listing(), pristine);
		});
	});
}
