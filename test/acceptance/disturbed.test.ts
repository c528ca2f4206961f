/** Changes an administrator makes to the firewall while sessions are live: the guard restores what they need. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ADMIN_DENIED } from "../firewall/conformance.js";
import { SERVER4, SERVER6 } from "../lab/hosts.js";
import { unlessFull } from "../support/extent.js";
import { GuardedHost, skipReason, subjects } from "./guarded-host.js";

const DENIED_ANSWER_MS = 500;

/** Disturbances of each firewall that are tried unless all are asked for. */
const USUALLY = 3;

/** They mostly wait. */
describe("while sessions live", { concurrency: 3 }, () => {
	for (const subject of subjects) {
		describe(subject.name, { concurrency: 1 }, async () => {
			const skip = (await skipReason(...subject.tools)) || unlessFull(subject.name === "iptables-legacy");
			let host: GuardedHost;
			before(async () => {
				if (skip) {
					return;
				}
				host = await GuardedHost.create(subject);
				await host.start();
			});
			after(() => host?.remove());

			for (const [at, disturbance] of subject.disturbances.entries()) {
				const isLeftOut = unlessFull(at >= USUALLY);
				test(`${disturbance.name} is repaired`, { skip: skip || isLeftOut }, async (t) => {
					const { sessions } = host;
					// Anew each time: the one that its client cannot reach ends by itself after a minute.
					await sessions.end();
					// The ports that the disturbances speak of.
					const live = await sessions.start([
						{ address: SERVER4, port: 60020 },
						{ address: SERVER6, port: 60021 },
					]);
					const denied = await sessions.start([{ address: SERVER4, port: ADMIN_DENIED }]);
					await host.exactlyRight();
					assert.deepEqual(await sessions.unreached(live), []);
					await disturbance.run(host.lab);
					await disturbance.undo?.(host.lab);
					const begun = performance.now();
					await host.exactlyRight();
					t.diagnostic(`${subject.name}: ${Math.round(performance.now() - begun)} ms after it was over`);
					assert.deepEqual(await sessions.unreached(live), []);
					assert.deepEqual(await sessions.unanswered(denied, DENIED_ANSWER_MS), denied);
				});
			}
		});
	}
});
