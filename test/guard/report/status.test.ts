import assert from "node:assert/strict";
import { test } from "node:test";
import { type PortStatus, publicStatus, type Status } from "../../../src/guard/report/status.js";

const PORT: PortStatus = {
	family: "ipv4",
	address: "192.0.2.1",
	port: 60001,
	state: "open",
	uid: 1000,
	ageSeconds: 5,
	pid: 7,
	server: "/usr/bin/mosh-server",
	reports: true,
};

test("everybody may see ports and problems, and nothing about a session's client", () => {
	const status: Status = {
		schema: 1,
		guard: { running: true, pid: 1 },
		firewall: { name: "ufw", reason: "because", healthy: true },
		range: { first: 60001, last: 60999 },
		ports: [
			{
				...PORT,
				client: { address: "203.0.113.5", port: 9 },
				silentSeconds: 1,
				idleSeconds: 2,
				watchers: 3,
				packets: 4,
				note: "a note",
			},
		],
		leftOver: [],
		problems: [{ code: "port-blocked", message: "A rule shuts it." }],
	};
	assert.deepEqual(publicStatus(status), { ...status, ports: [PORT] });
});
