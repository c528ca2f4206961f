import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Opening } from "../../src/firewall/firewall.js";
import { openingKey } from "../../src/firewall/opening.js";
import { reconcile } from "../../src/guard/reconcile.js";

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

test("applying the change to what is open gives what is wanted, touching nothing else", () => {
	fc.assert(
		fc.property(openings, openings, (wanted, actual) => {
			const { open, close } = reconcile(wanted, actual);
			const after = keys(actual);
			for (const key of keys(close)) assert.ok(after.delete(key), "closes only what is open");
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
			assert.deepEqual(reconcile(list, [...list].reverse()), { open: [], close: [] }),
		),
	);
});
