/** The ports part of the status. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Explanation, Opening } from "../../../src/firewall/firewall.js";
import { openingKey } from "../../../src/firewall/opening.js";
import { overview } from "../../../src/guard/report/overview.js";
import { Leases } from "../../../src/guard/sessions/leases.js";
import type { Verdict } from "../../../src/guard/sessions/policy.js";
import type { TrackedSession } from "../../../src/guard/sessions/tracker.js";

function session(port: number, address: string, admitted: boolean): TrackedSession {
	const family = address.includes(":") ? ("ipv6" as const) : ("ipv4" as const);
	const holder = {
		pid: port,
		kind: "executable",
		path: "/x",
		uid: 1000,
		groups: [],
	} as const;
	const socket = { family, address, port, uid: 1000, inode: port };
	return { socket, holder, firstSeen: 1000, admitted, closedByAdmin: false };
}

const V4: Opening = { family: "ipv4", address: "0.0.0.0", port: 60002 };
const V6: Opening = { family: "ipv6", address: "::", port: 60002 };

function shown(
	sessions: [TrackedSession, Verdict][],
	open: readonly Opening[],
	leases = new Leases(),
	explanations: ReadonlyMap<string, Explanation> = new Map(),
) {
	const table = sessions.map(([{ socket }]) => socket);
	return overview(sessions, table, open, leases, 4040, explanations);
}

test("a port that is open for some senders alone has that remark", () => {
	const opening: Opening = { family: "ipv4", address: "192.0.2.1", port: 60001 };
	const only = "by eth1 only from its network";
	const explanation: Explanation = { verdict: "open", by: "guard", rule: "r", only };
	const explanations = new Map([[openingKey(opening), explanation]]);
	const sessions: [TrackedSession, Verdict][] = [[session(60001, "192.0.2.1", true), undefined]];
	const { ports } = shown(sessions, [opening], new Leases(), explanations);
	assert.deepEqual([ports[0]?.state, ports[0]?.reason], ["open", only]);
});

test("ports are sorted, with state, age, server and the reason of a refusal", () => {
	const { ports } = shown(
		[
			[session(60003, "192.0.2.1", false), { code: "user-limit", detail: "20 ports" }],
			[session(60001, "192.0.2.1", true), undefined],
		],
		[{ family: "ipv4", address: "192.0.2.1", port: 60001 }],
	);
	assert.deepEqual(
		ports.map(({ port, state, code, reason, ageSeconds, pid, server, reports }) => [
			[port, state, code, reason],
			[ageSeconds, pid, server, reports],
		]),
		[
			[
				[60001, "open", undefined, undefined],
				[3, 60001, "/x", false],
			],
			[
				[60003, "refused", "user-limit", "the user has reached the limit on open ports (20 ports)"],
				[3, 60003, "/x", false],
			],
		],
	);
});

test("a wildcard is open when both of its families are", () => {
	const wildcard = session(60002, "::", true);
	const stateOf = (open: Opening[]) => shown([[wildcard, undefined]], open).ports[0]?.state;
	assert.deepEqual([stateOf([V4, V6]), stateOf([V6]), stateOf([])], ["open", "pending", "pending"]);
});

test("what is open for no admitted session is left over", () => {
	const { leftOver } = shown([[session(60002, "::", false), { code: "user-limit" }]], [V6]);
	assert.deepEqual(leftOver, [V6]);
});

test("what the server has reported of its client is shown with times in seconds", () => {
	const one = session(60001, "192.0.2.1", true);
	const leases = new Leases();
	const lease = { opening: one.socket, pid: 60001, uid: 1000, ended: () => undefined };
	leases.add(lease);
	const client = { address: "203.0.113.5", port: 5 };
	leases.update(
		lease,
		{ type: "update", client, silentMs: 40, idleMs: 2040, watchers: 1, ending: true },
		4000,
	);
	const [port] = shown([[one, undefined]], [], leases).ports;
	assert.deepEqual(
		[port?.reports, port?.client, port?.silentSeconds, port?.idleSeconds, port?.watchers, port?.ending],
		[true, client, 0.1, 2.1, 1, true],
	);
});
