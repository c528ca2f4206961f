/** Clients that hear of a session's end after it. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_CLIENT_LIMIT_MS } from "../../../src/server/session/lifetime.js";
import { SessionRig } from "../../support/session-rig.js";

const FAREWELL_MS = 600_000;
const absent = () => false;

describe("the end of a session whose client is away", () => {
	function away(farewell = FAREWELL_MS): SessionRig {
		const rig = new SessionRig({ timeouts: { farewell } }).connect();
		rig.run(60_000, absent, false);
		rig.session.programEnded();
		rig.run(15_000, absent, false);
		assert.equal(rig.ended, "program");
		return rig;
	}

	it("is told when it is heard again", () => {
		const rig = away();
		rig.run(FAREWELL_MS / 2, absent, false);
		assert.equal(rig.closed, false);
		rig.run(1000);
		assert.equal(rig.clientTold, true);
		assert.equal(rig.closed, true);
		assert.equal(rig.timers.pending, 0);
	});

	it("waits for a limited time, or not at all", () => {
		const rig = away();
		const { sent } = rig.link.server;
		rig.run(FAREWELL_MS, absent, false);
		assert.equal(rig.closed, true);
		assert.equal(rig.link.server.sent, sent);
		assert.equal(away(0).closed, true);
	});

	for (const signal of ["SIGTERM", "SIGUSR1"] as const) {
		it(`is cut short by ${signal}`, () => {
			const rig = away();
			rig.session.signal(signal);
			assert.equal(rig.closed, true);
			assert.equal(rig.timers.pending, 0);
		});
	}

	it("does not keep a process that is to end, nor one that nobody came to", () => {
		const terminated = new SessionRig({ timeouts: { farewell: FAREWELL_MS } }).connect();
		terminated.run(60_000, absent, false);
		terminated.session.signal("SIGTERM");
		assert.equal(terminated.closed, true);
		const lonely = new SessionRig({ timeouts: { farewell: FAREWELL_MS } });
		lonely.run(FIRST_CLIENT_LIMIT_MS + 100, absent, false);
		assert.equal(lonely.closed, true);
	});

	it("reaches one that was promised the session, and those that left it", () => {
		const rig = new SessionRig({ timeouts: { farewell: FAREWELL_MS } }).connect();
		rig.run(60_000, absent, false);
		const second = rig.attach();
		rig.run(1000, absent, false);
		const third = rig.attach();
		third.present = false;
		rig.session.programEnded();
		rig.run(1000, absent, false);
		assert.equal(second.told, true);
		assert.equal(rig.ended, "program");
		assert.equal(rig.closed, false);
		third.present = true;
		rig.run(1000);
		assert.equal(third.told, true);
		assert.equal(rig.clientTold, true);
		assert.equal(rig.closed, true);
	});
});
