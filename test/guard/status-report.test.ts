/** What a status is made from, and how long it may take. What each part says: test/guard/report. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Explanation, Opening } from "../../src/firewall/firewall.js";
import { openingKey } from "../../src/firewall/opening.js";
import type { PortStatus } from "../../src/guard/report/status.js";
import { StatusReport, type StatusReportDependencies } from "../../src/guard/status-report.js";
import { FakeClock } from "../support/fake-clock.js";
import { SETTINGS } from "../support/memory-guard.js";

const at = (port: number): Opening => ({ family: "ipv4", address: "192.0.2.1", port });
const DROPPED: Explanation = { verdict: "closed", by: "admin", rule: "a rule" };
const DEFAULT: Explanation = { verdict: "closed", by: "policy", rule: "the policy" };

/** Port 60001 is open, 60002 is admitted and not listed; `explained` is what the rules do with each. */
function report(explained: ReadonlyMap<string, Explanation> = new Map(), rescan = async () => undefined) {
	const clock = new FakeClock();
	let rescans = 0;
	let last = { at: clock.now(), tookMs: 0 };
	const dependencies = {
		firewall: { name: "ufw" },
		reason: "because",
		explain: async () => explained,
		evaluator: {
			admitted: [at(60001), at(60002)],
			settings: SETTINGS,
			overview: (openings: readonly Opening[], explanations: ReadonlyMap<string, Explanation>) => ({
				ports: [at(60001), at(60002)].map((opening): PortStatus => {
					const isOpen = openings.some(({ port }) => port === opening.port);
					const shut = explanations.get(openingKey(opening))?.verdict === "closed";
					const state = shut ? "blocked" : isOpen ? "open" : "pending";
					return { ...opening, state, reason: "a rule", uid: 1000, ageSeconds: 1, reports: false };
				}),
				leftOver: [],
			}),
		},
		enforcer: { openings: [at(60001)], withheld: new Map() },
		failures: { firewallWorks: true },
		problems: { list: () => [{ code: "no-pty-events", message: "A problem." }] },
		rescan: async () => {
			rescans++;
			await rescan();
			last = { at: clock.now(), tookMs: 0 };
		},
		lastRescan: () => last,
		guard: () => ({ running: true, pid: 1 }),
		clock,
	} as unknown as StatusReportDependencies;
	const made = new StatusReport(dependencies, ["nftables drops"]);
	const took = (tookMs: number) => {
		last = { at: clock.now(), tookMs };
	};
	return { clock, made, rescans: () => rescans, took };
}

describe("a status", () => {
	test("has the guard, its firewall, every port and every problem", async () => {
		const { made, clock } = report();
		made.enforcingSince = clock.now() - 700;
		const { guard, firewall, ports, problems } = await made.current();
		assert.deepEqual(guard, { running: true, pid: 1 });
		assert.deepEqual(firewall, { name: "ufw", reason: "because", healthy: true });
		assert.deepEqual(
			ports.map(({ state }) => state),
			["open", "pending"],
		);
		assert.deepEqual(
			problems.map(({ code }) => code),
			["no-pty-events", "firewall-waiting", "firewall-unserved"],
		);
	});

	test("is after a new scan for root, and for others once the last is a second old, or took long", async () => {
		const { made, clock, rescans, took } = report();
		await made.current();
		assert.equal(rescans(), 1);
		await made.recent();
		assert.equal(rescans(), 1);
		clock.advance(1001);
		await made.recent();
		assert.equal(rescans(), 2);
		took(100);
		clock.advance(1999);
		await made.recent();
		assert.equal(rescans(), 2, "a twentieth of the time");
		clock.advance(2);
		await made.recent();
		assert.equal(rescans(), 3);
	});

	test("says of a port that is not open yet only what the administrator's rules do with it", async () => {
		const states = async (explanation: Explanation) => {
			const both = new Map([at(60001), at(60002)].map((opening) => [openingKey(opening), explanation]));
			return (await report(both).made.current()).ports.map(({ state }) => state);
		};
		assert.deepEqual(await states(DROPPED), ["blocked", "blocked"]);
		assert.deepEqual(await states(DEFAULT), ["blocked", "pending"]);
	});

	test("by what is known scans and asks nothing", () => {
		const { made, rescans } = report(new Map([[openingKey(at(60001)), DROPPED]]));
		assert.equal(made.known().ports[0]?.state, "open");
		assert.equal(rescans(), 0);
	});

	test("of one port is that port's, or none", async () => {
		const { made } = report(new Map([[openingKey(at(60001)), DROPPED]]));
		assert.equal((await made.ofPort(at(60001)))?.state, "blocked");
		assert.equal(await made.ofPort(at(60009)), undefined);
	});
});
