/** Whose session an opening serves. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { withOwners } from "../../../src/guard/sessions/owners.js";
import type { TrackedSession } from "../../../src/guard/sessions/tracker.js";

function session(port: number, uid: number, address: string, admitted = true): TrackedSession {
	const family = address.includes(":") ? ("ipv6" as const) : ("ipv4" as const);
	const socket = { family, address, port, uid, inode: port };
	return { socket, holder: { code: "no-holder" }, firstSeen: 0, admitted, closedByAdmin: false };
}

test("an opening is of the user whose admitted session needs it, the IPv4 side of a wildcard included", () => {
	const sessions = [
		session(60001, 1000, "192.0.2.1"),
		session(60002, 1001, "::"),
		session(60003, 1002, "192.0.2.1", false),
	];
	const openings = [
		{ family: "ipv4", address: "192.0.2.1", port: 60001 },
		{ family: "ipv6", address: "::", port: 60002 },
		{ family: "ipv4", address: "0.0.0.0", port: 60002 },
		{ family: "ipv4", address: "192.0.2.1", port: 60003 },
	] as const;
	assert.deepEqual(
		withOwners(openings, { sessionsAt: () => sessions }).map(({ uid }) => uid),
		[1000, 1001, 1001, undefined],
	);
	assert.deepEqual(withOwners([], { sessionsAt: () => sessions }), []);
});
