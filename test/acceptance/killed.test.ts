/** The guard killed with SIGKILL at random moments, while it starts and while sessions begin and end, and started again. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inFull, unlessFull } from "../support/extent.js";
import { SeededRandom } from "../support/random.js";
import { sleep } from "../support/wait.js";
import { GuardedHost, skipReason, subjects } from "./guarded-host.js";
import { places } from "./stock-sessions.js";

/** Beside each firewall: some 50 moments in all. */
const KILLS = inFull(9, 3);

/** Sessions that begin, and that end, around each kill. */
const CHURN = 3;
const FIRST_PORT = 60001;

/** Longer than the work that a login causes, and than a start takes. */
const WITHIN_WORK_MS = 120;
const WITHIN_START_MS = 700;

describe("killed by SIGKILL at random moments", { concurrency: 3 }, () => {
	for (const subject of subjects) {
		describe(subject.name, { concurrency: 1 }, async () => {
			const isLeftOut = unlessFull(subject.name === "iptables-legacy");
			const skip = (await skipReason(...subject.tools)) || isLeftOut;
			let host: GuardedHost;
			let pristine: string;
			before(async () => {
				if (skip) {
					return;
				}
				host = await GuardedHost.create(subject);
				pristine = await host.listing();
				await host.start();
			});
			after(() => host?.remove());

			test(`${KILLS} times, each guard leaves what its successor puts right`, { skip }, async (t) => {
				const { sessions, installed } = host;
				const random = new SeededRandom(KILLS + subjects.indexOf(subject));
				let next = FIRST_PORT;
				let killed = 0;
				let checks = 0;
				await sessions.start(places(next, CHURN));
				next += CHURN;
				while (killed < KILLS) {
					const churn = sessions.start(places(next, CHURN));
					next += CHURN;
					const victims = sessions.live.filter(() => random.next() < 0.5).slice(0, CHURN);
					await sleep(random.below(WITHIN_WORK_MS));
					sessions.kill(victims);
					await sleep(random.below(WITHIN_WORK_MS) / 4);
					await installed.stopDaemon("SIGKILL");
					killed += 1;
					if (random.next() < 0.5 && killed < KILLS) {
						installed.launchDaemon();
						await sleep(random.below(WITHIN_START_MS));
						await installed.stopDaemon("SIGKILL");
						killed += 1;
					}
					await Promise.all([churn, host.start()]);
					await host.exactlyRight();
					assert.deepEqual(await sessions.unreached(sessions.live), []);
					const passed = await sessions.closeDelays(sessions.left.slice(-2 * CHURN).map(untimed));
					assert.ok(passed.every((last) => last === 0));
					checks += 1;
				}
				t.diagnostic(
					`${subject.name}: ${killed} kills, ${checks} states compared, ${sessions.all.length} sessions`,
				);
			});

			test("and nothing of them is left when the last one ends by SIGTERM", { skip }, async () => {
				assert.equal(await host.stop(), 0);
				assert.equal(await host.listing(), pristine);
			});
		});
	}
});

/** Nothing may pass any more, whenever its server ended. */
function untimed({ address, port }: { address: string; port: number }) {
	return { address, port };
}
