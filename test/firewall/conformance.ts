/** What every firewall promises, tried on the real one: a datagram from another host decides whether a port is open. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Firewall, Opening } from "../../src/firewall/firewall.js";
import { openingKey, without } from "../../src/firewall/opening.js";
import { type Lab, labMissing, SERVER4, SERVER6, startLab } from "../lab/hosts.js";
import { explainIn } from "../lab/verify.js";
import { until } from "../support/wait.js";

/** Every subject's admin lets in CONTROL_PORT and this port, and denies the other one, on both families. */
export const ADMIN_OPEN = 60900;
export const ADMIN_DENIED = 60901;

export interface Disturbance {
	readonly name: string;
	run(lab: Lab): Promise<unknown>;
	/** Where the disturbance leaves the host without its firewall, or without the admin's rules. */
	readonly undo?: (lab: Lab) => Promise<unknown>;
}

export interface Subject {
	readonly name: string;
	readonly tools: readonly string[];
	/** Puts a default-deny ruleset of an admin's in force on the server. */
	setUp(lab: Lab): Promise<unknown>;
	create(lab: Lab): Firewall | Promise<Firewall>;
	/** Every rule in force and on disk, without counters. */
	listing(lab: Lab): Promise<string>;
	readonly disturbances: readonly Disturbance[];
	/** What the configuration of a guard must say to use this firewall as `create` does; nothing by default. */
	readonly configuration?: string;
	/** Where the admin's set holds bare ports, an opening holds for every address and both families. */
	readonly portOnly?: true;
	/** Ends what `create` keeps open, such as a connection. */
	dispose?(firewall: Firewall): Promise<void>;
}

export const v4 = (port: number, address = SERVER4): Opening => ({ family: "ipv4", address, port });
export const v6 = (port: number, address = SERVER6): Opening => ({ family: "ipv6", address, port });

export function sorted(openings: readonly Opening[]): string[] {
	return openings.map(openingKey).sort();
}

/** What the guard does on an event: repair, read back, open what is missing, close what is not wanted. */
export async function reconcile(firewall: Firewall, wanted: readonly Opening[]): Promise<void> {
	await firewall.repair();
	const actual = await firewall.list();
	await firewall.apply({ open: without(wanted, actual), close: without(actual, wanted) });
}

export async function conformance(subject: Subject): Promise<void> {
	const skip = await labMissing(...subject.tools);
	describe(subject.name, { skip: skip ?? false }, () => {
		let lab: Lab;
		let firewall: Firewall;
		const elsewhere = subject.portOnly ?? false;

		before(async () => {
			lab = await startLab();
			await subject.setUp(lab);
			firewall = await subject.create(lab);
		});

		after(async () => {
			if (firewall !== undefined) {
				await subject.dispose?.(firewall);
			}
			await lab?.stop();
		});

		test("opens exactly the port, address and family asked for, and closes it", async () => {
			await firewall.repair();
			assert.equal(await lab.isOpen(SERVER4, 60001), false);
			await firewall.apply({ open: [v4(60001), v6(60002)], close: [] });
			assert.equal(await lab.isOpen(SERVER4, 60001), true);
			assert.equal(await lab.isOpen(SERVER6, 60002), true);
			assert.equal(await lab.isOpen(SERVER6, 60001), elsewhere);
			assert.equal(await lab.isOpen(SERVER4, 60002), elsewhere);
			assert.deepEqual(sorted(await firewall.list()), sorted([v4(60001), v6(60002)]));
			await firewall.apply({ open: [], close: [v4(60001)] });
			assert.equal(await lab.isOpen(SERVER4, 60001), false);
			assert.equal(await lab.isOpen(SERVER6, 60002), true);
			await firewall.apply({ open: [], close: [v6(60002)] });
			assert.deepEqual(await firewall.list(), []);
		});

		test("opens a port on every address of one family", async () => {
			await firewall.apply({ open: [v4(60003, "0.0.0.0"), v6(60004, "::")], close: [] });
			assert.equal(await lab.isOpen(SERVER4, 60003), true);
			assert.equal(await lab.isOpen(SERVER6, 60003), elsewhere);
			assert.equal(await lab.isOpen(SERVER6, 60004), true);
			assert.equal(await lab.isOpen(SERVER4, 60004), elsewhere);
			assert.deepEqual(sorted(await firewall.list()), sorted([v4(60003, "0.0.0.0"), v6(60004, "::")]));
			await reconcile(firewall, []);
			assert.equal(await lab.isOpen(SERVER4, 60003), false);
		});

		test("opening and closing twice is the same as once", async () => {
			await firewall.apply({ open: [v4(60005), v4(60005)], close: [] });
			await firewall.apply({ open: [v4(60005)], close: [v4(60006)] });
			assert.deepEqual(await firewall.list(), [v4(60005)]);
			await firewall.apply({ open: [], close: [v4(60005), v4(60005)] });
			await firewall.apply({ open: [], close: [v4(60005)] });
			assert.deepEqual(await firewall.list(), []);
			assert.equal(await lab.isOpen(SERVER4, 60005), false);
		});

		test("the admin's denies win", async () => {
			await firewall.apply({ open: [v4(ADMIN_DENIED), v6(ADMIN_DENIED)], close: [] });
			assert.equal(await lab.isOpen(SERVER4, ADMIN_DENIED), false);
			assert.equal(await lab.isOpen(SERVER6, ADMIN_DENIED), false);
			assert.deepEqual(
				await explainIn(lab, firewall, v4(ADMIN_DENIED)).then(({ verdict, by }) => ({ verdict, by })),
				{ verdict: "closed", by: "admin" },
			);
			await reconcile(firewall, []);
		});

		test("an opening of the admin's own is neither adopted nor removed", async () => {
			assert.equal(await lab.isOpen(SERVER4, ADMIN_OPEN), true);
			assert.deepEqual(await firewall.list(), []);
			await firewall.apply({ open: [v4(ADMIN_OPEN), v6(ADMIN_OPEN)], close: [] });
			assert.deepEqual(sorted(await firewall.list()), sorted([v4(ADMIN_OPEN), v6(ADMIN_OPEN)]));
			await firewall.apply({ open: [], close: [v4(ADMIN_OPEN), v6(ADMIN_OPEN)] });
			assert.equal(await lab.isOpen(SERVER4, ADMIN_OPEN), true);
			assert.equal(await lab.isOpen(SERVER6, ADMIN_OPEN), true);
		});

		test("explains who decides", async () => {
			const verdictOf = async (opening: Opening) => {
				const { verdict, by } = await explainIn(lab, firewall, opening);
				return `${verdict} by ${by}`;
			};
			assert.equal(await verdictOf(v4(60007)), "closed by policy");
			await firewall.apply({ open: [v4(60007), v6(60007)], close: [] });
			assert.equal(await verdictOf(v4(60007)), "open by guard");
			assert.equal(await verdictOf(v6(60007)), "open by guard");
			assert.equal(await verdictOf(v4(ADMIN_OPEN)), "open by admin");
			await reconcile(firewall, []);
		});

		test("refuses what is no address or port before it reaches a rule", async () => {
			const listing = await subject.listing(lab);
			for (const bad of [
				v4(0),
				v4(65536),
				v4(1.5),
				v4(60001, "10.77.0.1; flush ruleset"),
				v6(60001, "fd77:0::1"),
			]) {
				await assert.rejects(firewall.apply({ open: [bad], close: [] }), { code: "invalid-opening" });
			}
			assert.equal(await subject.listing(lab), listing);
		});

		test("200 sessions and a clear leave every rule of the admin's byte for byte", async () => {
			await firewall.clear();
			const pristine = await subject.listing(lab);
			assert.equal(pristine.toLowerCase().includes("portguard"), false);
			await firewall.repair();
			const standing = await subject.listing(lab);
			const sessions = Array.from({ length: 200 }, (_, n) => (n % 3 === 0 ? v6(60001 + n) : v4(60001 + n)));
			for (let at = 0; at < sessions.length; at += 20) {
				const batch = sessions.slice(at, at + 20);
				for (const session of batch) {
					await firewall.apply({ open: [session], close: [] });
				}
				assert.deepEqual(sorted(await firewall.list()), sorted(batch));
				await firewall.apply({ open: [], close: batch });
			}
			assert.equal(await subject.listing(lab), standing);
			await firewall.clear();
			assert.equal(await subject.listing(lab), pristine);
		});

		test("a second instance finds what the first left and clears all of it", async () => {
			await firewall.repair();
			await firewall.apply({ open: [v4(60010), v6(60011)], close: [] });
			const successor = await subject.create(lab);
			await successor.repair();
			assert.deepEqual(sorted(await successor.list()), sorted([v4(60010), v6(60011)]));
			await successor.clear();
			assert.equal(await lab.isOpen(SERVER4, 60010), false);
			assert.equal(await lab.isOpen(SERVER6, 60011), false);
			await subject.dispose?.(successor);
		});

		for (const disturbance of subject.disturbances) {
			test(`${disturbance.name} is noticed and repaired`, async (t) => {
				const wanted = [v4(60020), v6(60021)];
				await reconcile(firewall, wanted);
				assert.equal(await lab.isOpen(SERVER4, 60020), true);
				let events = 0;
				let repairing: Promise<void> | undefined;
				const repair = (): Promise<void> => {
					const seen = events;
					return reconcile(firewall, wanted)
						.catch(() => undefined)
						.then(() => (seen === events ? undefined : repair()));
				};
				const watch = await firewall.watch(() => {
					events += 1;
					repairing ??= repair().finally(() => {
						repairing = undefined;
					});
				});
				try {
					await disturbance.run(lab);
					await disturbance.undo?.(lab);
					const begun = performance.now();
					await until("the watch notices", () => events > 0, { pollMs: 5 });
					await repairing;
					t.diagnostic(
						`${events} events; repaired ${Math.round(performance.now() - begun)} ms after it was over`,
					);
					await until(
						"open again",
						async () => (await lab.isOpen(SERVER4, 60020)) && (await lab.isOpen(SERVER6, 60021)),
					);
					assert.equal(await lab.isOpen(SERVER4, ADMIN_DENIED), false);
					await until("listed again", async () => {
						const listed = await firewall.list().catch(() => []);
						return sorted(listed).join() === sorted(wanted).join();
					});
				} finally {
					await watch.stop();
					await repairing;
				}
				await reconcile(firewall, []);
			});
		}
	});
}
