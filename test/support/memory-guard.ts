/** A guard on a host and with a firewall in memory. */

import assert from "node:assert/strict";
import type { Explanation, Opening } from "../../src/firewall/firewall.js";
import { Guard } from "../../src/guard/guard.js";
import { OneShot, type OneShotDependencies } from "../../src/guard/one-shot.js";
import type { GuardEvent } from "../../src/guard/report/events.js";
import type { Settings } from "../../src/guard/settings.js";
import type { Trigger } from "../../src/guard/triggers/trigger.js";
import { monotonicClock } from "../../src/system/clock.js";
import { FakeHost, HOME, MOSH, NODE, SCRIPT } from "./fake-host.js";
import { MemoryFirewall } from "./memory-firewall.js";
import { until as waitUntil } from "./wait.js";

export const SETTINGS: Settings = {
	policy: {
		ports: { first: 60001, last: 60999 },
		allowAddresses: [],
		denyAddresses: [],
		allowUids: undefined,
		allowGids: undefined,
		denyUids: [],
		denyGids: [],
		perUser: 20,
		total: 1000,
		perMinute: 1000,
	},
	trust: { executables: [MOSH], scripts: [{ interpreter: NODE, script: SCRIPT }] },
	unknownNames: [],
};

export class HandTrigger implements Trigger {
	readonly name = "hand";
	readonly early = true;
	pull: () => void = () => assert.fail("not started");
	stopped = false;
	start(onEvent: () => void): void {
		this.pull = onEvent;
	}
	async stop(): Promise<void> {
		this.stopped = true;
	}
}

export function memoryGuard(settings = SETTINGS) {
	const host = new FakeHost();
	const firewall = new MemoryFirewall();
	const trigger = new HandTrigger();
	const events: GuardEvent[] = [];
	const opened: unknown[] = [];
	const cut: Opening[] = [];
	/** What the rules of the host do with openings, by their keys; nothing shuts others. */
	const explained = new Map<string, Explanation>();
	/** What `status` says is open, each time that may have changed. */
	const settled: number[][] = [];
	/** The ways to this host, and what else the rules depend on. */
	const rules = { hold: true };
	const ways = { now: "eth0", network: undefined as string | undefined };
	const dependencies = {
		firewall,
		reason: "a test",
		unserved: [],
		incomplete: false,
		sockets: host,
		processes: host,
		home: HOME,
		flows: { cut: async (openings: readonly Opening[]) => void cut.push(...openings) },
		clock: monotonicClock,
		explain: async () => explained,
	};
	const guard: Guard = new Guard(
		{
			...dependencies,
			descriptors: host,
			rules: {
				explain: async () => explained,
				invalidate: () => undefined,
				holds: async () => rules.hold,
				prepare: async () => undefined,
			},
			triggers: [trigger],
			ways: () => ways.now,
			network: async () => ways.network,
			log: (event, fields) => {
				events.push(event);
				if (event === "port.opened") {
					opened.push(fields);
				}
			},
			settled: () => {
				const open = guard.status().ports.filter(({ state }) => state === "open");
				settled.push(open.map(({ port }) => port));
			},
		},
		settings,
	);
	/** What a command has on this host where no guard runs. */
	const oneShot = (found: Partial<OneShotDependencies> = {}) =>
		new OneShot({ ...dependencies, ...found }, settings);
	return { host, firewall, trigger, events, opened, cut, settled, ways, rules, explained, guard, oneShot };
}

export async function until(condition: () => boolean): Promise<void> {
	await waitUntil("the guard gets there", condition, { pollMs: 5 });
}
