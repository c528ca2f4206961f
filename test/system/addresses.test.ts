/** Addresses in canonical form. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBytes, addressFromText, isLoopback } from "../../src/system/addresses.js";

test("addresses as people write them", () => {
	assert.deepEqual(addressFromText("ipv6", "2001:DB8:0:0::1"), { family: "ipv6", address: "2001:db8::1" });
	assert.deepEqual(addressFromText("ipv6", "::FFFF:192.0.2.1"), { family: "ipv4", address: "192.0.2.1" });
	assert.equal(addressFromText("ipv6", "fe80::1%eth0"), undefined);
	assert.equal(addressFromText("ipv4", "::1"), undefined);
	assert.equal(addressFromText("ipv4", "192.0.2"), undefined);
	assert.ok(isLoopback({ family: "ipv4", address: "127.9.9.9" }));
	assert.ok(!isLoopback({ family: "ipv6", address: "::" }));
});

test("addresses in bytes, as a socket has them", () => {
	const hex = (address: string) => addressBytes(address).toString("hex");
	assert.equal(hex("192.0.2.1"), "c0000201");
	assert.equal(hex("::"), "0".repeat(32));
	assert.equal(hex("::1"), "1".padStart(32, "0"));
	assert.equal(hex("2001:db8::"), "20010db8".padEnd(32, "0"));
	assert.equal(hex("2001:db8::5:0:1"), "20010db8000000000000000500000001");
	assert.equal(hex("1:2:3:4:5:6:7:8"), "00010002000300040005000600070008");
	assert.equal(hex("::ffff:192.0.2.1"), "ffffc0000201".padStart(32, "0"));
});
