import assert from "node:assert/strict";
import { test } from "node:test";
import { idlePorts } from "../../../src/cli/commands/reap.js";
import type { PortStatus } from "../../../src/guard/report/status.js";

const PORT = { family: "ipv4", address: "192.0.2.1", state: "open", uid: 1000, ageSeconds: 9000 } as const;
const HOUR = 3600;

/** Ports of the sessions that an hour's idleness ends. */
function reaped(ports: readonly Partial<PortStatus>[], typed: (pid: number) => number | undefined): number[] {
	const all = ports.map((port, at) => ({ ...PORT, port: 60001 + at, reports: true, ...port }));
	return idlePorts(all, HOUR, typed).map(({ port }) => port);
}

test("a session is idle when nobody types and its client is silent, on whichever of its ports", () => {
	const typed = (pid: number) => (pid === 3 ? 60 : 2 * HOUR);
	assert.deepEqual(
		reaped(
			[
				{ pid: 1, silentSeconds: 2 * HOUR },
				// Left by its client, which is on the next.
				{ pid: 2, silentSeconds: 2 * HOUR },
				{ pid: 2, silentSeconds: 3 },
				{ pid: 3, silentSeconds: 2 * HOUR },
				{ pid: 4 },
				{ pid: 5, silentSeconds: 2 * HOUR },
				{ pid: 5, silentSeconds: 3 * HOUR },
				{},
			],
			typed,
		),
		[60001, 60005, 60006, 60007],
	);
});

test("one that is watched is spared; one that is over counts by its client alone", () => {
	const typed = (pid: number) => (pid < 3 ? 2 * HOUR : undefined);
	assert.deepEqual(
		reaped(
			[
				{ pid: 1, silentSeconds: 2 * HOUR, watchers: 1 },
				{ pid: 2, silentSeconds: 2 * HOUR },
				{ pid: 3, silentSeconds: 2 * HOUR, ending: true },
				{ pid: 4, silentSeconds: 60, ending: true },
				// Its terminal cannot be looked at, and it does not say that it is over.
				{ pid: 5, silentSeconds: 2 * HOUR },
			],
			typed,
		),
		[60002, 60003],
	);
});
