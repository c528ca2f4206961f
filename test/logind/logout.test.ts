import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LogoutHost, logoutBehavior } from "../../src/logind/logout.js";

const LOGIN = "0::/user.slice/user-1000.slice/session-7.scope\n";
const SCOPE = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r0123.scope\n";

/** A login on a host that ends what logins leave behind, of a user who lingers. */
function behavior(different: Partial<LogoutHost>) {
	return logoutBehavior({
		cgroup: () => LOGIN,
		endsProcesses: () => true,
		lingers: () => true,
		scopeCgroup: async () => SCOPE,
		...different,
	});
}

const notAsked = () => assert.fail("asked for nothing");

describe("what becomes of a server at logout", () => {
	it("is no question outside a login, or where logind ends nothing", async () => {
		for (const cgroup of [
			"",
			"0::/\n",
			"0::/system.slice/cron.service\n",
			"0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n",
		]) {
			const answer = await behavior({ cgroup: () => cgroup, endsProcesses: notAsked, scopeCgroup: notAsked });
			assert.deepEqual(answer, { scope: false });
		}
		const answer = await behavior({ endsProcesses: () => false, scopeCgroup: notAsked, lingers: notAsked });
		assert.deepEqual(answer, { scope: false });
	});

	it("is survived in a scope", async () => {
		assert.deepEqual(await behavior({}), { scope: true });
		assert.deepEqual(await behavior({ cgroup: () => SCOPE, scopeCgroup: notAsked }), { scope: false });
		// As it is with cgroups of version 1 beside.
		assert.deepEqual(await behavior({ cgroup: () => `5:pids:/x\n${LOGIN}` }), { scope: true });
	});

	it("is told where there can be no scope, or one that leaves the process where it was", async () => {
		for (const cgroup of ["", LOGIN]) {
			const { scope, ends = "" } = await behavior({ scopeCgroup: async () => cgroup });
			assert.equal(scope, false);
			assert.match(ends, /KillUserProcesses/);
		}
	});

	it("is told where the user's manager will not stay", async () => {
		for (const cgroup of [LOGIN, SCOPE]) {
			const { scope, ends = "" } = await behavior({ cgroup: () => cgroup, lingers: () => false });
			assert.equal(scope, cgroup === LOGIN);
			assert.match(ends, /loginctl enable-linger/);
		}
	});
});
