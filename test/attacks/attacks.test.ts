/**
 * An ordinary user attacks the guard while others log in and out: logins are not affected, and the guard stays small.
 *
 *   tsx --test test/attacks/attacks.test.ts                with limits that hold on a loaded machine
 *   ATTACKS_STRICT=1 ATTACKS_LOGINS=100 …                  with the documented limits
 *   ATTACKS_PRINT=1 ATTACKS_BUILD=DIR …                    measures the attacks on another version, built in DIR
 *
 * A user with a socket of their own attacks through that one too; without ATTACKS_STRICT each attack uses one of the two, in
 * turn.
 */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { SERVER4 } from "../lab/hosts.js";
import { assertFailed, type Figures, LOGINS, MODE, table } from "./figures.js";
import { AttackedHost, FIRST_HOSTILE, type Login, OWN, PUBLIC, skip } from "./host.js";
import * as programs from "./programs.js";

const node = (text: string) => [process.execPath, "-e", text];
const perl = (text: string) => ["perl", "-e", text];

const STATUS = '{"v":1,"type":"status"}';
const DRY = '{"v":1,"type":"sync","dryRun":true}';
const SYNC = '{"v":1,"type":"sync"}';
const ARM = '{"v":1,"type":"arm","seconds":60}';

interface Scenario {
	readonly name: string;
	/** Command lines of the attacker's, all at once. */
	readonly lines: (host: AttackedHost, path: string) => readonly (readonly string[])[];
	/** It speaks to the guard: tried by each socket. */
	readonly speaks?: boolean;
	readonly kinds?: readonly Login[];
	readonly config?: string;
	/** Of the guard; what the service has takes long to use up. */
	readonly descriptors?: number;
	/** Milliseconds that the attack goes on before others log in. */
	readonly headStart?: number;
}

const ALL: readonly Login[] = ["stock", "reported", "asked"];

const SCENARIOS: readonly Scenario[] = [
	{ name: "nobody attacks", lines: () => [], kinds: ALL },
	{
		name: "42,000 idle sockets on one port of 127/8",
		lines: () => [perl(programs.idleSockets(3, 14_000, 50_000))],
	},
	{
		name: "42,000 idle sockets on any port of 127/8",
		lines: () => [perl(programs.idleSockets(3, 14_000, 0))],
	},
	{
		name: "38,000 idle sockets on one port of the range",
		lines: () => [perl(programs.idleSockets(2, 19_000, FIRST_HOSTILE))],
	},
	{
		name: "10,000 sockets that share one port of the range",
		lines: () => [perl(programs.reuseportPile(FIRST_HOSTILE, 10_000))],
	},
	{
		name: "36,000 sockets in the range on addresses of others",
		lines: () => [
			perl(programs.freebind(FIRST_HOSTILE, 600, 1, 30)),
			perl(programs.freebind(FIRST_HOSTILE, 600, 31, 60)),
		],
	},
	{
		name: "leases that outlive their sockets",
		lines: (_, path) => [node(programs.leases(path, 6, 780, FIRST_HOSTILE))],
		speaks: true,
		descriptors: 4096,
	},
	{
		name: "sync, dry, ten a second",
		lines: (_, path) => [node(programs.singles(path, DRY, 10))],
		speaks: true,
		kinds: ALL,
	},
	{
		name: "sync flood, dry",
		lines: (_, path) => [node(programs.talkers(path, 100, DRY, 5))],
		speaks: true,
		kinds: ALL,
	},
	{
		name: "sync flood",
		lines: (_, path) => [node(programs.talkers(path, 60, SYNC, 5))],
		speaks: true,
		kinds: ALL,
	},
	{
		name: "status flood",
		lines: (_, path) => [node(programs.talkers(path, 100, STATUS, 5))],
		speaks: true,
		kinds: ALL,
	},
	{
		name: "arm flood",
		lines: (_, path) => [node(programs.talkers(path, 100, ARM, 5))],
		speaks: true,
		kinds: ALL,
	},
	{
		name: "2000 idle connections",
		lines: (_, path) => [node(programs.idlers(path, 2000))],
		speaks: true,
		kinds: ALL,
	},
	{
		name: "connect flood",
		lines: (_, path) => [perl(programs.connectFlood(path, 1))],
		speaks: true,
		kinds: ALL,
	},
	{
		name: "four liars for each of the next ports",
		lines: (host, path) => [node(programs.liars(path, host.upcoming(30), 4))],
		speaks: true,
		kinds: ["reported"],
		headStart: 500,
	},
	{
		name: "a holder that changes, 580 ports",
		lines: (_, path) => [perl(programs.changingHolder(path, FIRST_HOSTILE, 580, 7))],
		speaks: true,
	},
	{
		name: "answers that nobody reads",
		lines: (_, path) => [
			perl(programs.idleSockets(1, 1500, FIRST_HOSTILE)),
			node(programs.talkers(path, 120, STATUS, 5, false)),
		],
		speaks: true,
	},
	{
		name: "socket ends",
		lines: () => [perl(programs.socketEnds(2, 300_000))],
	},
	{
		name: "pty flood",
		lines: () => [perl(programs.ptys(2, 30))],
	},
];

describe("an ordinary user attacks", { skip, concurrency: 1 }, () => {
	const rows: Figures[] = [];
	after(() => {
		if (rows.length > 0) {
			process.stderr.write(`\n${LOGINS} logins during each attack\n${table(rows)}\n`);
		}
	});

	for (const [index, scenario] of SCENARIOS.entries()) {
		const both = MODE === "wide" ? [[PUBLIC, OWN][index % 2]] : [PUBLIC, OWN];
		for (const path of scenario.speaks ? both : [undefined]) {
			const name = scenario.name + (path === OWN ? ", by the user's own socket" : "");
			test(name, async (t) => {
				const host = await AttackedHost.start(scenario.config);
				try {
					if (path === OWN && !(await host.has(OWN))) {
						return t.skip("the guard makes no such socket");
					}
					if (scenario.descriptors !== undefined) {
						await host.limitDescriptors(scenario.descriptors);
					}
					for (const line of scenario.lines(host, path ?? PUBLIC)) {
						await host.attack(...line);
					}
					await pause(scenario.headStart ?? 0);
					const figures = await host.figures(name, scenario.kinds);
					rows.push(figures);
					t.diagnostic(table([figures]));
					t.diagnostic(`the guard said ${host.events()}`);
					assertFailed(figures);
				} finally {
					await host.remove();
				}
			});
		}
	}

	for (const path of [PUBLIC, OWN]) {
		test(`tells of another user's client${path === OWN ? ", by the user's own socket" : ""}`, async (t) => {
			const host = await AttackedHost.start();
			try {
				if (path === OWN && !(await host.has(OWN))) {
					return t.skip("the guard makes no such socket");
				}
				const victim = await host.serve();
				await host.attack(...node(programs.forger(path, victim.port, victim.pid)));
				const shown = await host.portStatus(victim.port);
				victim.end();
				t.diagnostic(`root is shown ${JSON.stringify(shown)}`);
				assert.equal(shown?.address, SERVER4);
				if (MODE === "print") {
					return;
				}
				assert.deepEqual(
					[shown.client, shown.silentSeconds, shown.idleSeconds],
					[undefined, undefined, undefined],
				);
			} finally {
				await host.remove();
			}
		});
	}
});
