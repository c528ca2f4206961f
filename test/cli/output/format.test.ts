import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { duration, formatStatus, parseDuration, printable } from "../../../src/cli/output/format.js";
import type { PortStatus, Status } from "../../../src/guard/report/status.js";

const PORT: PortStatus = {
	family: "ipv6",
	address: "2001:db8::1",
	port: 60001,
	state: "open",
	uid: 1000,
	ageSeconds: 3725,
	pid: 77,
	reports: true,
	client: { address: "203.0.113.5", port: 40000 },
	silentSeconds: 3,
};

const STATUS: Status = {
	schema: 1,
	guard: { running: true, pid: 1, upSeconds: 90_061 },
	firewall: { name: "ufw", reason: "because", healthy: true },
	range: { first: 60001, last: 60999 },
	ports: [
		PORT,
		{ ...PORT, port: 60002, state: "refused", code: "user-limit", reason: "too many \u001b[31m" },
	],
	leftOver: [{ family: "ipv4", address: "192.0.2.1", port: 60009 }],
	problems: [{ code: "firewall-failed", message: "The firewall failed: disk full" }],
};

describe("status for people", () => {
	const text = formatStatus(STATUS, (uid) => (uid === 1000 ? "alice" : String(uid)));
	test("names guard, firewall, every port and every problem", () => {
		assert.match(text, /^guard +running, pid 1, up 1d1h$/m);
		assert.match(text, /^firewall +ufw: because$/m);
		assert.match(text, /^ports +1 open, 0 pending, 1 refused$/m);
		assert.match(text, /^\[2001:db8::1\]:60001 +open +alice +77 +1h2m +203\.0\.113\.5:40000 +3s$/m);
		assert.match(text, /^left over: 192\.0\.2\.1:60009/m);
		assert.match(text, /^problem +firewall-failed: .*disk full$/m);
	});
	test("shows the ports of a session next to each other, who watches, and what is ending", () => {
		const left = { ...PORT, silentSeconds: 900 };
		const ports = [
			left,
			{ ...PORT, pid: 78, port: 60002, ending: true as const },
			{ ...PORT, port: 60003, watchers: 2 },
		];
		const rows = formatStatus({ ...STATUS, ports }, String)
			.split("\n")
			.filter((row) => row.startsWith("[2001"));
		assert.deepEqual(
			rows.map((row) => /:(\d+) .*:40000 +\w+ *(.*)$/.exec(row)?.slice(1)),
			[
				["60003", "2 watching"],
				["60001", ""],
				["60002", "ending"],
			],
		);
	});
	test("lets nothing through that steers a terminal", () => {
		assert.ok(!text.includes("\u001b"));
		assert.equal(printable("a\u001b\u009bb\n"), "a\\x1b\\x9bb\\x0a");
	});
});

test("durations", () => {
	for (const [text, seconds] of [
		["90", 90],
		["15m", 900],
		["12h", 43_200],
		["7d", 604_800],
	] as const) {
		assert.equal(parseDuration(text), seconds);
	}
	for (const text of ["", "-1", "1.5h", "1w", "h", "1h30m"]) {
		assert.equal(parseDuration(text), undefined);
	}
	assert.equal(duration(0.4), "0s");
	assert.equal(duration(604_800), "7d");
	assert.equal(duration(3600), "1h");
});
