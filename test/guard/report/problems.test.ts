import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	blockedPorts,
	Problems,
	unansweredFirewall,
	unknownNames,
	unservedFirewalls,
} from "../../../src/guard/report/problems.js";
import type { PortStatus } from "../../../src/guard/report/status.js";

test("a code has one sentence, the newest, until it no longer applies", () => {
	const problems = new Problems();
	problems.set("firewall-failed", "first");
	problems.set("no-pty-events", "other");
	problems.set("firewall-failed", "second");
	problems.clear("no-pty-events");
	problems.clear("never-set");
	assert.deepEqual(problems.list(), [{ code: "firewall-failed", message: "second" }]);
});

test("nothing is told of what is as it should be", () => {
	assert.deepEqual(unknownNames({ unknownNames: [], policy: { unknownDenials: [] } }), []);
	assert.deepEqual(unservedFirewalls([]), []);
	assert.deepEqual(unansweredFirewall(false), []);
	assert.deepEqual(blockedPorts([]), []);
});

describe("a sentence tells", () => {
	test("which names are not known, and what a denied one of them keeps closed", () => {
		const [problem] = unknownNames({ unknownNames: ["user bob", "group x"], policy: {} });
		assert.equal(
			problem?.message,
			"Unknown users or groups in the configuration: user bob, group x; they are looked up again.",
		);
		const [denied] = unknownNames({ unknownNames: ["user bob"], policy: { unknownDenials: ["user bob"] } });
		assert.match(
			denied?.message ?? "",
			/ Until user bob is known, ports open only for users named in users\.allow\.$/,
		);
	});

	test("which firewalls drop and are not served, and that one has not answered", () => {
		assert.deepEqual(unservedFirewalls(["nftables drops", "ufw is off"]), [
			{ code: "firewall-unserved", message: "Ports stay shut: nftables drops; ufw is off." },
		]);
		assert.equal(unansweredFirewall(true)[0]?.code, "firewall-waiting");
	});

	test("which ports are shut by other rules, three of them and how many more", () => {
		const port = {
			family: "ipv4",
			address: "192.0.2.1",
			state: "blocked",
			reason: "closed by a rule",
		} as const;
		const blocked = (count: number) =>
			Array.from(
				{ length: count },
				(_, at): PortStatus => ({ ...port, port: 60001 + at, uid: 1, ageSeconds: 1, reports: true }),
			);
		const [one] = blockedPorts([...blocked(1), { ...(blocked(1)[0] as PortStatus), state: "open" }]);
		assert.match(one?.message ?? "", /: 192\.0\.2\.1:60001 is closed by a rule\.$/);
		assert.match(blockedPorts(blocked(5))[0]?.message ?? "", /60003 is closed by a rule; and 2 more\.$/);
	});
});
