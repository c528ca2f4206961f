import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bits, NO_MARK, UNKNOWN_BITS, UNKNOWN_MARKS } from "../../../src/firewall/path/marks.js";
import { bitsOf, fieldOf } from "../../../src/firewall/path/nft-fields.js";
import type { Packet } from "../../../src/firewall/path/packet.js";
import { Stranger } from "../../../src/firewall/path/stranger.js";
import { ct, DPORT, meta, packet, packet6, SADDR } from "./samples.js";

const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const raw = (base: string, offset: number, len: number) => ({ payload: { base, offset, len } });
const fib = (result: string, ...flags: string[]) => ({ fib: { result, flags } });
const original = (key: string) => ({ ct: { key, dir: "original" } });
const ports = (first: number, last = first) => ({ kind: "ports", ports: { first, last } });
const word = (value: string | number | boolean) => ({ kind: "word", word: value });
const ABSENT = { kind: "absent" };
const GENERAL = { kind: "unknown", condition: "general" };
const SPECIFIC = { kind: "unknown", condition: "specific" };

const IN = packet({ remote: "203.0.113.5", remotePorts: { first: 5000, last: 5000 } });
const OUT: Packet = { ...IN, direction: "out", state: "established" };

/** Of each, what the first datagram has, and what its answer has. */
const cases: readonly (readonly [name: string, left: unknown, of: object, ofAnswer: object])[] = [
	["the destination port", DPORT, ports(60_001), ports(5000)],
	["the source port", payload("th", "sport"), ports(5000), ports(60_001)],
	["the destination port as raw bits", raw("th", 16, 16), ports(60_001), ports(5000)],
	["the source port as raw bits", raw("th", 0, 16), ports(5000), ports(60_001)],
	["other bits of a header", raw("th", 16, 8), GENERAL, GENERAL],
	[
		"the source address",
		SADDR,
		{ kind: "address", address: "203.0.113.5" },
		{ kind: "address", address: "10.77.0.1" },
	],
	["an address of the other family", payload("ip6", "saddr"), ABSENT, ABSENT],
	["the protocol", payload("ip", "protocol"), word("udp"), word("udp")],
	["a header of another protocol", payload("tcp", "dport"), ABSENT, ABSENT],
	["the sender's hardware", payload("ether", "saddr"), SPECIFIC, SPECIFIC],
	["a field that nobody knows", payload("udp", "checksum"), GENERAL, GENERAL],
	["a protocol that nobody knows", payload("quic", "version"), GENERAL, GENERAL],
	["an extension header", { exthdr: { name: "frag", field: "id" } }, ABSENT, ABSENT],
	["whether there is one", { exthdr: { name: "frag" } }, word(false), word(false)],
	["an option of IPv4", { "ip option": { name: "lsrr" } }, word(false), word(false)],
	["what is in one of TCP", { "tcp option": { name: "maxseg", field: "size" } }, ABSENT, ABSENT],
	["the kind of frame", payload("ether", "type"), word("ip"), SPECIFIC],
	["who sends it", meta("skuid"), ABSENT, GENERAL],
	["the interface in", meta("iifname"), { kind: "interface", name: "eth0" }, { kind: "interface", name: "" }],
	["the interface out", meta("oif"), { kind: "interface", name: "" }, { kind: "interface", name: "eth0" }],
	["the family", meta("nfproto"), word("ipv4"), word("ipv4")],
	["a mark", meta("mark"), { kind: "bits", bits: NO_MARK }, { kind: "bits", bits: NO_MARK }],
	["the processor", meta("cpu"), GENERAL, GENERAL],
	["a helper", ct("helper"), ABSENT, ABSENT],
	["the interface's group", meta("iifgroup"), SPECIFIC, SPECIFIC],
	["the state", ct("state"), word("new"), word("established")],
	["the flow's direction", ct("direction"), word("original"), word("reply")],
	["the flow's status", ct("status"), word("none"), GENERAL],
	[
		"where the flow began to go",
		original("ip daddr"),
		{ kind: "address", address: "10.77.0.1" },
		{
			kind: "address",
			address: "10.77.0.1",
		},
	],
	[
		"who began it",
		original("saddr"),
		{ kind: "address", address: "203.0.113.5" },
		{
			kind: "address",
			address: "203.0.113.5",
		},
	],
	["at which port", original("proto-dst"), ports(60_001), ports(60_001)],
	["from which one", original("proto-src"), ports(5000), ports(5000)],
	["an original address of the other family", original("ip6 daddr"), ABSENT, ABSENT],
	["its length so far", original("bytes"), GENERAL, GENERAL],
	["the address's type", fib("type", "daddr"), word("local"), word("unicast")],
	["its type on this interface", fib("type", "daddr", "iif"), word("local"), word("unicast")],
	["the way back", fib("oif", "saddr", "iif"), { kind: "interface", name: "eth0" }, GENERAL],
	["more than an object", "accept", GENERAL, GENERAL],
	["an expression that nobody knows", { socket: { key: "mark" } }, GENERAL, GENERAL],
];

describe("a datagram and its answer have", () => {
	for (const [name, left, of, ofAnswer] of cases) {
		test(name, () => {
			assert.deepEqual(fieldOf(left, IN), of);
			assert.deepEqual(fieldOf(left, OUT), ofAnswer);
		});
	}

	test("an address that stands on another interface is of another type here, perhaps", () => {
		const elsewhere = packet({ elsewhere: true });
		assert.deepEqual(fieldOf(fib("type", "daddr", "iif"), elsewhere), GENERAL);
		assert.deepEqual(fieldOf(fib("type", "daddr"), elsewhere), word("local"));
	});

	test("of IPv6 its addresses and version", () => {
		assert.deepEqual(fieldOf(payload("ip6", "daddr"), packet6()), { kind: "address", address: "fd77::1" });
		assert.deepEqual(fieldOf(payload("ip6", "version"), packet6()), word(6));
		assert.deepEqual(fieldOf(payload("ip", "saddr"), packet6()), ABSENT);
		assert.deepEqual(fieldOf(meta("protocol"), packet6()), word("ip6"));
	});
});

describe("a computed value", () => {
	test("of a mark is known as far as the mark", () => {
		assert.deepEqual(fieldOf({ "|": [meta("mark"), 1] }, IN), { kind: "bits", bits: bits(1) });
		const unknown = packet({ marks: UNKNOWN_MARKS });
		assert.deepEqual(fieldOf({ "&": [meta("mark"), 1] }, unknown), {
			kind: "bits",
			bits: { value: 0, known: 0xffff_fffe },
		});
		assert.deepEqual([bitsOf(7, unknown), bitsOf(meta("cpu"), unknown)], [bits(7), UNKNOWN_BITS]);
	});

	test("of one known port is known", () => {
		assert.deepEqual(fieldOf({ "&": [DPORT, 0xff00] }, IN), ports(60_001 & 0xff00));
		assert.deepEqual(fieldOf({ "&": [DPORT, 1] }, packet({ localPorts: { first: 1, last: 9 } })), SPECIFIC);
	});

	test("of what a whole datagram has in its fragment field is 0", () => {
		assert.deepEqual(fieldOf({ "&": [payload("ip", "frag-off"), 0x1fff] }, IN), word(0));
		assert.deepEqual(fieldOf({ "&": [payload("ip", "frag-off"), 0x4000] }, IN), GENERAL);
	});

	test("is absent with any part of it, else as specific as its parts", () => {
		assert.deepEqual(fieldOf({ "&": [payload("tcp", "dport"), 1] }, IN), ABSENT);
		assert.deepEqual(fieldOf({ "|": [meta("cpu"), 1] }, IN), GENERAL);
		assert.deepEqual(fieldOf({ "&": [SADDR, 255] }, IN), SPECIFIC);
	});
});

test("of a datagram that connection tracking has not looked at, it knows the state only", () => {
	for (const state of ["untracked", "invalid"] as const) {
		assert.deepEqual(fieldOf(ct("state"), packet({ state })), word(state));
		assert.deepEqual(fieldOf(ct("direction"), packet({ state })), ABSENT);
		assert.deepEqual(fieldOf(original("proto-dst"), packet({ state })), ABSENT);
	}
});

test("the way back, where it is known: a rule that looks at one interface alone may find a route that is not the best", () => {
	const by = (back: string, ...flags: string[]) => fieldOf(fib("oif", "saddr", ...flags), { ...IN, back });
	assert.deepEqual(by("eth1"), { kind: "interface", name: "eth1" });
	assert.deepEqual(by("eth1", "iif"), GENERAL);
	assert.deepEqual(by("eth0", "iif"), { kind: "interface", name: "eth0" });
	assert.deepEqual(
		[by(""), by("", "iif")],
		[
			{ kind: "interface", name: "" },
			{ kind: "interface", name: "" },
		],
	);
});

test("a stranger is supposed to be reached by the interface that it comes in by, which it remembers", () => {
	for (const [back, comesBack] of [
		[undefined, true],
		["eth1", false],
	] as const) {
		const remote = new Stranger("ipv4");
		fieldOf(fib("oif", "saddr", "iif"), { ...IN, remote, back });
		assert.equal(remote.comesBack, comesBack);
	}
});
