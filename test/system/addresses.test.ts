/** Addresses in canonical form. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressFromText, isLoopback } from "../../src/system/addresses.js";

test("addresses as people write them", () => {
	assert.deepEqual(addressFromText("ipv6", "2001:DB8:0:0::1"), { family: "ipv6", address: "2001:db8::1" });
	assert.deepEqual(addressFromText("ipv6", "::FFFF:192.0.2.1"), { family: "ipv4", address: "192.0.2.1" });
	assert.equal(addressFromText("ipv6", "fe80::1%eth0"), undefined);
	assert.equal(addressFromText("ipv4", "::1"), undefined);
	assert.equal(addressFromText("ipv4", "192.0.2"), undefined);
	assert.ok(isLoopback({ family: "ipv4", address: "127.9.9.9" }));
	assert.ok(!isLoopback({ family: "ipv6", address: "::" }));
});
