import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { answerTo } from "../../../src/firewall/path/packet.js";
import {
	addressBetween,
	addressIn,
	bitsOf,
	endsOf,
	nameMatches,
	portsBetween,
	prefixOf,
} from "../../../src/firewall/path/values.js";
import { packet, RANGE } from "./samples.js";

function within(address: string | undefined, text: string) {
	const prefix = prefixOf(text);
	assert.ok(prefix, text);
	return addressIn(address, prefix);
}

describe("addresses", () => {
	test("are in a prefix by their first bits, in each way of writing it", () => {
		assert.equal(within("10.77.0.1", "10.77.0.0/16"), true);
		assert.equal(within("10.78.0.1", "10.77.0.0/16"), false);
		assert.equal(within("10.77.0.1", "10.0.0.0/255.0.0.0"), true);
		assert.equal(within("10.77.0.1", "10.77.0.1"), true);
		assert.equal(within("fd77::1", "fd00::/8"), true);
		assert.equal(within("fe80::1", "fd00::/8"), false);
		assert.equal(within("10.77.0.1", "::/0"), false);
	});

	test("one that no rule names is in no prefix but that of all", () => {
		assert.equal(within(undefined, "0.0.0.0/0"), true);
		assert.equal(within(undefined, "0.0.0.0/1"), false);
		assert.equal(addressBetween(undefined, "10.0.0.1", "10.0.0.9"), false);
		assert.equal(addressBetween(undefined, "0.0.0.0", "255.255.255.255"), true);
		assert.equal(addressBetween(undefined, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), true);
		assert.equal(addressBetween(undefined, "::", "::1"), false);
	});

	test("of a range, both ends are in it", () => {
		assert.deepEqual(
			["10.0.0.0", "10.0.0.1", "10.0.0.5", "10.0.0.9", "10.0.0.10"].map((address) =>
				addressBetween(address, "10.0.0.1", "10.0.0.9"),
			),
			[false, true, true, true, false],
		);
		assert.equal(addressBetween("fd77::1", "10.0.0.1", "10.0.0.9"), false);
		assert.equal(addressBetween("10.0.0.1", "somewhere", "10.0.0.9"), "specific");
	});

	test("what is none is said to be none", () => {
		for (const text of [
			"",
			"localhost",
			"10.0.0",
			"10.0.0.256",
			"10.0.0.0/33",
			"10.0.0.0/255.0.255.0",
			"*",
		]) {
			assert.equal(prefixOf(text), undefined, text);
		}
	});

	test("the number of an IPv6 address does not depend on how it is written", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
				const bits = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
				assert.equal(bitsOf(groups.map((group) => group.toString(16)).join(":")), bits);
			}),
		);
		assert.equal(bitsOf("::ffff:10.0.0.1"), 0xffff0a000001n);
		assert.equal(bitsOf("::"), 0n);
	});
});

test("a port of a range that a condition splits is one or the other", () => {
	assert.equal(portsBetween(RANGE, 60_000, 61_000), true);
	assert.equal(portsBetween(RANGE, 1, 59_999), false);
	assert.equal(portsBetween(RANGE, 60_500, 65_535), "specific");
	assert.equal(portsBetween({ first: 60_001, last: 60_001 }, 60_001, 60_001), true);
});

test("source and destination change places in the answer", () => {
	const asked = packet({ remote: "192.0.2.1", remotePorts: { first: 5000, last: 5000 } });
	const { source, destination, sourcePorts, destinationPorts } = endsOf(asked);
	assert.deepEqual(
		[source, destination, sourcePorts.first, destinationPorts.first],
		["192.0.2.1", "10.77.0.1", 5000, 60_001],
	);
	const answer = endsOf(answerTo(asked, "new"));
	assert.deepEqual(
		[answer.source, answer.destination, answer.sourcePorts.first, answer.destinationPorts.first],
		["10.77.0.1", "192.0.2.1", 60_001, 5000],
	);
});

test("an answer belongs to a flow only if the datagram was tracked", () => {
	assert.equal(answerTo(packet(), "new").state, "established");
	assert.equal(answerTo(packet(), "untracked").state, "new");
});

test("interfaces are named whole, or by the start of their name", () => {
	assert.ok(
		nameMatches("eth0", "eth0") &&
			nameMatches("eth*", "eth0") &&
			nameMatches("eth+", "eth0") &&
			nameMatches("+", ""),
	);
	assert.ok(!nameMatches("eth0", "eth01") && !nameMatches("eth+", "wlan0"));
});
