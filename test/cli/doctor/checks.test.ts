/** The order of the checks; what each finds is in the file of its name. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHECKS } from "../../../src/cli/doctor/checks.js";

test("a check comes after those that it depends on, each under a name of its own", () => {
	const names = CHECKS.map(({ name }) => name);
	assert.equal(new Set(names).size, names.length);
	for (const [first, then] of [
		["configuration", "mosh-server"],
		["guard", "sessions"],
		["firewall", "rules"],
		["sessions", "clients"],
	] as const) {
		assert.ok(names.includes(first) && names.indexOf(first) < names.indexOf(then), `${first}, ${then}`);
	}
});
