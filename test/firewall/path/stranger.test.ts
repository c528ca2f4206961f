import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { test } from "node:test";
import { Stranger } from "../../../src/firewall/path/stranger.js";
import { addressBetween, addressIn, bitsOf, prefixOf } from "../../../src/firewall/path/values.js";
import type { Family } from "../../../src/system/addresses.js";

function named(family: Family, ...prefixes: string[]): Stranger {
	const stranger = new Stranger(family);
	for (const prefix of prefixes) {
		const known = prefixOf(prefix);
		assert.ok(known);
		assert.equal(addressIn(stranger, known), known.length === 0);
	}
	return stranger;
}

test("without rules that name much, there is no doubt", () => {
	assert.equal(named("ipv4").isDoubtful, false);
	assert.equal(named("ipv4", "10.0.0.0/8", "192.0.2.0/24", "0.0.0.0/2").isDoubtful, false);
	assert.equal(named("ipv4", "0.0.0.0/1", "128.0.0.0/1").isDoubtful, true);
	assert.equal(named("ipv6", "2001:db8::/32", "fc00::/7").isDoubtful, false);
	assert.equal(named("ipv6", "2000::/4", "3000::/4").isDoubtful, true);
});

test("an address that no range has is found wherever one is left", () => {
	for (const [family, prefixes] of [
		["ipv4", ["0.0.0.0/1", "128.0.0.0/2"]],
		[
			"ipv4",
			["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/4", "208.0.0.0/5", "216.0.0.0/6", "220.0.0.0/7", "222.0.0.0/8"],
		],
		["ipv6", ["2000::/4", "3000::/5"]],
	] as const) {
		const stranger = named(family, ...prefixes);
		const left = stranger.unnamed(16);
		assert.ok(left.length > 8, left.join());
		for (const address of left) {
			assert.ok(family === "ipv4" ? isIPv4(address) : isIPv6(address), address);
			assert.ok(
				prefixes.every((prefix) => addressIn(address, prefixOf(prefix) as never) === false),
				address,
			);
		}
		assert.deepEqual(stranger.unnamed(16), left);
	}
});

test("none is left where ranges, together, have all of the internet, in whatever order and however they overlap", () => {
	for (const stranger of [
		named("ipv4", "128.0.0.0/1", "0.0.0.0/1"),
		named("ipv4", "64.0.0.0/2", "0.0.0.0/1", "192.0.0.0/2", "128.0.0.0/2"),
		named("ipv6", "8000::/1", "::/1"),
		named("ipv6", "2000::/3"),
	]) {
		assert.deepEqual(stranger.unnamed(16), []);
	}
	const stranger = new Stranger("ipv4");
	assert.equal(addressBetween(stranger, "1.0.0.0", "223.255.255.255"), false);
	assert.deepEqual(stranger.unnamed(4), []);
	assert.deepEqual(new Stranger("ipv4").unnamed(1).length, 1);
});

test("what is of the other family is not its own", () => {
	const stranger = named("ipv4", "::/1", "8000::/1");
	assert.equal(stranger.isDoubtful, false);
	addressBetween(stranger, "::", "7fff::");
	assert.equal(stranger.isDoubtful, false);
});

test("stand-ins are of the largest parts, and of what private networks no rule names", () => {
	const parts = named("ipv4", "0.0.0.0/1", "128.0.0.0/1", "203.0.113.0/24").typical(8);
	const high = parts.filter((address) => (bitsOf(address) ?? 0n) >> 31n === 1n);
	assert.ok(high.length > 0 && high.length < parts.length, parts.join());
	assert.ok(!parts.some((address) => address.startsWith("10.")), parts.join());
	const privately = named(
		"ipv4",
		"1.0.0.0/8",
		"2.0.0.0/7",
		"4.0.0.0/6",
		"8.0.0.0/7",
		"11.0.0.0/8",
		"12.0.0.0/6",
		"16.0.0.0/4",
		"32.0.0.0/3",
		"64.0.0.0/2",
		"128.0.0.0/1",
	);
	assert.deepEqual(privately.unnamed(4), []);
	assert.ok(
		privately.typical(8).some((address) => address.startsWith("10.")),
		privately.typical(8).join(),
	);
});

test("sets of unknown elements are a doubt", () => {
	const stranger = new Stranger("ipv4");
	const set = { has: () => false, list: () => undefined };
	stranger.isNotIn("ip t s", set);
	stranger.isNotIn("ip t s", set);
	assert.equal(stranger.isDoubtful, true);
	assert.deepEqual(stranger.sets, [set]);
});
