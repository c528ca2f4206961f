/** A decision on what has changed is the one that a look at all sessions comes to. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Opening } from "../../src/firewall/firewall.js";
import { openingKey, without } from "../../src/firewall/opening.js";
import { Evaluator } from "../../src/guard/evaluator.js";
import type { Lease } from "../../src/guard/sessions/leases.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeHost, HOME, NODE, SCRIPT } from "../support/fake-host.js";
import { SETTINGS } from "../support/memory-guard.js";

const ADDRESSES = ["192.0.2.1", "192.0.2.2", "0.0.0.0", "::", "2001:db8::1"] as const;
const PORTS = 4;

const action = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant("serve" as const),
			port: fc.nat(PORTS - 1),
			address: fc.constantFrom(...ADDRESSES),
			uid: fc.constantFrom(1000, 1001),
			isScript: fc.boolean(),
		}),
	},
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("kill" as const), which: fc.nat(50) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("report" as const), which: fc.nat(50) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("end report" as const), which: fc.nat(50) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("share" as const), which: fc.nat(50) }) },
	{
		weight: 1,
		arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 30_000, 61_000) }),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
);

test("of whatever has happened, with limits, shared ports, reports and second holders", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
			const host = new FakeHost();
			const clock = new FakeClock();
			const policy = { ...SETTINGS.policy, perUser: 2, total: 3, perMinute: 4 };
			const create = () => new Evaluator({ processes: host, home: HOME, clock }, { ...SETTINGS, policy });
			const [whole, part] = [create(), create()];
			const leases: (readonly [Lease, Lease])[] = [];
			let open: Opening[] = [];
			for (const one of actions) {
				const socket = "which" in one ? host.sockets[one.which % host.sockets.length] : undefined;
				const pid =
					socket && [...host.processes].find(([, { sockets }]) => sockets.includes(socket.inode))?.[0];
				let recheckHolders = false;
				if (one.do === "serve") {
					const { port, address, uid, isScript } = one;
					const script = { executable: host.file(NODE) as never, commandLine: ["node", SCRIPT, "new"] };
					const family = address.includes(":") ? "ipv6" : "ipv4";
					host.serve(60_001 + port, { family, address, uid, ...(isScript ? script : {}) });
				} else if (one.do === "kill" && pid !== undefined) {
					host.kill(pid);
				} else if (one.do === "share" && socket !== undefined) {
					host.spawn(socket.uid, { sockets: [socket.inode] });
					recheckHolders = true;
				} else if (one.do === "report" && socket !== undefined && pid !== undefined) {
					const lease = (): Lease => ({ opening: socket, pid, uid: socket.uid, ended: () => undefined });
					const pair = [lease(), lease()] as const;
					leases.push(pair);
					whole.leases.add(pair[0]);
					part.leases.add(pair[1]);
				} else if (one.do === "end report" && leases.length > 0) {
					const [pair] = leases.splice(one.which % leases.length, 1);
					whole.leases.remove(pair?.[0] as Lease);
					part.leases.remove(pair?.[1] as Lease);
				} else if (one.do === "wait") {
					clock.advance(one.ms);
				} else if (one.do === "sweep") {
					recheckHolders = true;
				}
				// The second finds what the first has missed.
				for (const again of [recheckHolders, false]) {
					const sockets = await host.read(policy.ports);
					const scanned = whole.scan(sockets, { recheckHolders: again });
					assert.deepEqual(part.scan(sockets, { recheckHolders: again }), scanned);
					if (!scanned.changed && !again) {
						continue;
					}
					const expected = whole.decide();
					const found = part.decide(again);
					const wanted = found.wanted();
					const sorted = (all: readonly Opening[]) => [...new Set(all.map(openingKey))].sort();
					assert.deepEqual(sorted(wanted), sorted(expected.wanted()));
					const told = (refused: typeof found.refused) =>
						refused.map(({ socket: { inode }, refusal: { code } }) => `${inode} ${code}`).sort();
					assert.deepEqual(told(found.refused), told(expected.refused));
					if (found.change !== undefined) {
						open = [...without(open, found.change.close), ...found.change.open];
						assert.deepEqual(open.map(openingKey).sort(), sorted(wanted));
					}
					open = [...new Map(wanted.map((opening) => [openingKey(opening), opening])).values()];
				}
			}
		}),
		{ numRuns: 300 },
	);
});
