import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Facts } from "../../../src/guard-protocol/client.js";
import { GuardNews, NEWS_INTERVAL_MS } from "../../../src/server/session/guard-news.js";
import { FakeClock } from "../../support/fake-clock.js";
import { SessionRig } from "../../support/session-rig.js";

function rigWithNews() {
	const rig = new SessionRig();
	const told: Facts[] = [];
	const lease = { update: (facts: Facts) => void told.push(facts) };
	const news = new GuardNews(lease, () => rig.session.contact, rig.clock);
	return { rig, told, news };
}

describe("what the guard is told of a session's client", () => {
	it("is nothing before there is one", () => {
		const { rig, told, news } = rigWithNews();
		news.later();
		news.now();
		rig.run(500, () => false, false);
		assert.deepEqual(told, []);
	});

	it("is its address, when it was heard and when its user typed", () => {
		const { rig, told, news } = rigWithNews();
		rig.connect();
		rig.type("x");
		rig.run(1000);
		const typedAt = rig.clock.now() - 1000;
		rig.run(30_000);
		news.now();
		const [facts] = told;
		assert.deepEqual(facts?.client, rig.session.contact.peer);
		// The client speaks every 3 s although nobody types.
		assert.ok((facts?.silentMs ?? Infinity) <= 3100, `${facts?.silentMs}`);
		const idle = rig.clock.now() - typedAt;
		assert.ok(Math.abs((facts?.idleMs ?? 0) - idle) < 100, `${facts?.idleMs}, not ${idle}`);
	});

	it("is told once per interval, however many datagrams come, and at once when the address changes", () => {
		const { rig, told, news } = rigWithNews();
		rig.connect();
		for (let datagram = 0; datagram < 1000; datagram++) news.later();
		assert.equal(told.length, 1);
		rig.clock.advance(NEWS_INTERVAL_MS);
		for (let datagram = 0; datagram < 1000; datagram++) news.later();
		assert.equal(told.length, 2);
		news.now();
		assert.equal(told.length, 3);
	});

	it("has no zone in the address: the guard takes numbers only", () => {
		const told: Facts[] = [];
		const contact = { peer: { address: "fe80::1%eth0", port: 5 }, heardAt: 0, typedAt: undefined };
		const lease = { update: (facts: Facts) => void told.push(facts) };
		new GuardNews(lease, () => contact, new FakeClock()).now();
		assert.equal(told[0]?.client?.address, "fe80::1");
		assert.ok(!("idleMs" in (told[0] ?? {})));
	});
});
