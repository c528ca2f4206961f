import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkOpening, distinct, openingKey, sameOpening, without } from "../../src/firewall/opening.js";
import { anyOpening } from "../support/openings.js";
import { v4, v6 } from "./conformance.js";

test("what no rule could be made for is refused", () => {
	fc.assert(fc.property(anyOpening, (opening) => checkOpening(opening)));
	for (const opening of [
		v4(0),
		v4(65536),
		v4(1.5),
		v4(60001, "10.77.0.01"),
		v4(60001, "fd77::1"),
		v6(60001, "FD77::1"),
		v6(60001, "fd77::1%eth0"),
		v4(60001, "10.77.0.1; flush ruleset"),
	]) {
		assert.throws(() => checkOpening(opening), { code: "invalid-opening" }, openingKey(opening));
	}
});

test("openings are the same by their values, and only then", () => {
	assert.equal(sameOpening(v4(60001), { ...v4(60001) }), true);
	for (const other of [v4(60002), v4(60001, "10.77.0.2"), v6(60001)]) {
		assert.equal(sameOpening(v4(60001), other), false);
	}
	assert.deepEqual(distinct([v4(2), v4(1), { ...v4(2) }]), [v4(2), v4(1)]);
	assert.deepEqual(without([v4(2), v4(1)], [{ ...v4(2) }, v6(1)]), [v4(1)]);
});
