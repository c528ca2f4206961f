import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { FirewallError } from "../../src/firewall/errors.js";
import type { FirewallChange, Opening } from "../../src/firewall/firewall.js";
import { openingKey } from "../../src/firewall/opening.js";
import { changeBetween, Enforcer } from "../../src/guard/enforcer.js";
import { MemoryFirewall } from "../support/memory-firewall.js";

const OPENING: Opening = { family: "ipv4", address: "192.0.2.1", port: 60001 };

const v4 = (port: number): Opening => ({ ...OPENING, port });

test("what is withheld is closed, and opened again only when the rules are read back", async () => {
	const firewall = new MemoryFirewall();
	const enforcer = new Enforcer(firewall);
	const explanation = { verdict: "closed", by: "policy", rule: "-P INPUT DROP" } as const;
	await enforcer.enforce([v4(60001), v4(60002)]);
	enforcer.withhold(v4(60001), explanation);
	assert.deepEqual((await enforcer.enforce([v4(60001), v4(60002)])).close, [v4(60001)]);
	await enforcer.enforce([v4(60001), v4(60002)]);
	assert.deepEqual(firewall.open, [openingKey(v4(60002))]);
	Object.assign(firewall, { renew: async () => true });
	assert.equal(await enforcer.renew(), false, "it is to be tried again");
	enforcer.invalidate();
	assert.equal(await enforcer.renew(), true);
	assert.deepEqual((await enforcer.enforce([v4(60001), v4(60002)])).open, [v4(60001)]);
});

test("what another program removed is repaired, also when it is invalidated again meanwhile", async () => {
	class Invalidated extends MemoryFirewall {
		onApply = () => {};
		override async apply(change: FirewallChange): Promise<void> {
			this.onApply();
			return super.apply(change);
		}
	}
	const firewall = new Invalidated();
	const enforcer = new Enforcer(firewall);
	assert.deepEqual((await enforcer.enforce([OPENING])).repaired, []);
	firewall.rules.clear();
	firewall.onApply = () => enforcer.invalidate();
	enforcer.invalidate();
	const { open, repaired } = await enforcer.enforce([OPENING]);
	assert.deepEqual([open, repaired], [[OPENING], [OPENING]]);
});

test("what another program removes while the rules are read is repaired by the next step", async () => {
	class ReadSlowly extends MemoryFirewall {
		whenRead = () => {};
		override async repair(): Promise<Opening[]> {
			const found = await super.repair();
			this.whenRead();
			return found;
		}
	}
	const firewall = new ReadSlowly();
	const enforcer = new Enforcer(firewall);
	await enforcer.enforce([OPENING]);
	enforcer.invalidate();
	firewall.whenRead = () => {
		firewall.rules.clear();
		enforcer.invalidate();
	};
	await enforcer.enforce([OPENING]);
	assert.deepEqual([enforcer.inSync, enforcer.openings], [false, [OPENING]]);
	firewall.whenRead = () => {};
	const { open, repaired } = await enforcer.enforce([OPENING]);
	assert.deepEqual([open, repaired, enforcer.inSync], [[OPENING], [OPENING], true]);
});

test("where one address family fails the other is served, and the failure is told", async () => {
	const V6: Opening = { family: "ipv6", address: "2001:db8::1", port: 60001 };
	const failure = new Error("not in IPv4");
	class Half extends MemoryFirewall {
		override async apply(change: FirewallChange): Promise<void> {
			if ([...change.open, ...change.close].some(({ family }) => family === "ipv4")) {
				throw failure;
			}
			return super.apply(change);
		}
	}
	const firewall = new Half();
	const enforcer = new Enforcer(firewall);
	const { open, failure: told } = await enforcer.enforce([OPENING, V6]);
	assert.deepEqual([open, told], [[V6], failure]);
	assert.deepEqual([enforcer.isOpen(V6), enforcer.isOpen(OPENING), enforcer.inSync], [true, false, false]);
	firewall.repair = async () => {
		throw new FirewallError("owned-by-other", "not in IPv4", { served: [V6] });
	};
	assert.match(String((await enforcer.enforce([OPENING, V6])).failure), /not in IPv4/);
	assert.deepEqual([enforcer.isOpen(V6), enforcer.openings], [true, [V6]]);
	assert.deepEqual((await enforcer.enforce([])).close, [V6]);
	enforcer.invalidate();
	assert.equal(enforcer.isOpen(V6), false);
});

test("a session's end closes its port, though another one cannot be opened", async () => {
	class Full extends MemoryFirewall {
		override async apply(change: FirewallChange): Promise<void> {
			if (change.open.some(({ port }) => port === 60_002)) {
				throw new Error("hands off");
			}
			return super.apply(change);
		}
	}
	const firewall = new Full();
	const enforcer = new Enforcer(firewall);
	await enforcer.enforce([v4(60_001)]);
	const { close, failure } = await enforcer.enforce([v4(60_002)]);
	assert.deepEqual([close, firewall.open], [[v4(60_001)], []]);
	assert.match(String(failure), /hands off/);
});

test("what the guard closed is not repaired but opened when it is wanted again", async () => {
	const enforcer = new Enforcer(new MemoryFirewall());
	await enforcer.enforce([OPENING]);
	enforcer.invalidate();
	await enforcer.enforce([]);
	enforcer.invalidate();
	const { open, repaired } = await enforcer.enforce([OPENING]);
	assert.deepEqual([open, repaired], [[OPENING], []]);
});

test("between an event and the next reading the last one is shown, after a failure nothing", async () => {
	const firewall = new MemoryFirewall();
	const enforcer = new Enforcer(firewall);
	await enforcer.enforce([OPENING]);
	enforcer.invalidate();
	assert.deepEqual([enforcer.openings, enforcer.inSync, enforcer.isOpen(OPENING)], [[OPENING], false, false]);
	firewall.failure = new Error("no");
	await enforcer.enforce([OPENING]);
	assert.deepEqual(enforcer.openings, []);
});

const opening: fc.Arbitrary<Opening> = fc.oneof(
	fc.record({
		family: fc.constant("ipv4" as const),
		address: fc.constantFrom("0.0.0.0", "192.0.2.1", "192.0.2.2"),
		port: fc.integer({ min: 60001, max: 60008 }),
	}),
	fc.record({
		family: fc.constant("ipv6" as const),
		address: fc.constantFrom("::", "2001:db8::1"),
		port: fc.integer({ min: 60001, max: 60008 }),
	}),
);
const openings = fc.array(opening, { maxLength: 30 });
const keys = (list: readonly Opening[]) => new Set(list.map(openingKey));

describe("the change between what is wanted and what is open", () => {
	test("applying the change to what is open gives what is wanted, touching nothing else", () => {
		fc.assert(
			fc.property(openings, openings, (wanted, actual) => {
				const { open, close } = changeBetween(wanted, actual);
				const after = keys(actual);
				for (const key of keys(close)) {
					assert.ok(after.delete(key), "closes only what is open");
				}
				for (const key of keys(open)) {
					assert.ok(!after.has(key), "opens only what is not");
					after.add(key);
				}
				assert.deepEqual(after, keys(wanted));
				assert.equal(open.length + close.length, keys(open).size + keys(close).size, "says nothing twice");
			}),
		);
	});

	test("what is as wanted stays untouched", () => {
		fc.assert(
			fc.property(openings, (list) =>
				assert.deepEqual(changeBetween(list, [...list].reverse()), { open: [], close: [] }),
			),
		);
	});
});
