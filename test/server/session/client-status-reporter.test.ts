import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClientStatus } from "../../../src/guard-protocol/client.js";
import {
	ClientStatusReporter,
	REPORT_INTERVAL_MS,
} from "../../../src/server/session/client-status-reporter.js";
import { FakeClock } from "../../support/fake-clock.js";
import { SessionRig } from "../../support/session-rig.js";

function rigWithReporter() {
	const rig = new SessionRig();
	const told: ClientStatus[] = [];
	const lease = { update: (facts: ClientStatus) => void told.push(facts) };
	const reporter = new ClientStatusReporter(lease, () => rig.session.clientActivity, rig.clock);
	return { rig, told, reporter };
}

describe("what the guard is told of a session's client", () => {
	it("is nothing before there is one", () => {
		const { rig, told, reporter } = rigWithReporter();
		reporter.reportIfDue();
		reporter.report();
		rig.run(500, () => false, false);
		assert.deepEqual(told, []);
	});

	it("is its address, when it was heard and when its user typed", () => {
		const { rig, told, reporter } = rigWithReporter();
		rig.connect();
		rig.type("x");
		rig.run(1000);
		const typedAt = rig.clock.now() - 1000;
		rig.run(30_000);
		reporter.report();
		const [facts] = told;
		assert.deepEqual(facts?.client, rig.session.clientActivity.peer);
		// The client speaks every 3 s although nobody types.
		assert.ok((facts?.silentMs ?? Infinity) <= 3100, `${facts?.silentMs}`);
		const idle = rig.clock.now() - typedAt;
		assert.ok(Math.abs((facts?.idleMs ?? 0) - idle) < 100, `${facts?.idleMs}, not ${idle}`);
	});

	it("is told once per interval, however many datagrams come, and at once when the address changes", () => {
		const { rig, told, reporter } = rigWithReporter();
		rig.connect();
		for (let datagram = 0; datagram < 1000; datagram++) {
			reporter.reportIfDue();
		}
		assert.equal(told.length, 1);
		rig.clock.advance(REPORT_INTERVAL_MS);
		for (let datagram = 0; datagram < 1000; datagram++) {
			reporter.reportIfDue();
		}
		assert.equal(told.length, 2);
		reporter.report();
		assert.equal(told.length, 3);
	});

	it("has no zone in the address: the guard takes numbers only", () => {
		const told: ClientStatus[] = [];
		const peer = { address: "fe80::1%eth0", port: 5 };
		const activity = { peer, lastHeardAt: 0, lastInputAt: undefined, watchers: 0, ending: false };
		const lease = { update: (facts: ClientStatus) => void told.push(facts) };
		new ClientStatusReporter(lease, () => activity, new FakeClock()).report();
		assert.equal(told[0]?.client?.address, "fe80::1");
		assert.ok(!("idleMs" in (told[0] ?? {})));
	});
});
