import assert from "node:assert/strict";
import { test } from "node:test";
import {
	doubtsOfFilters,
	doubtsOfLinks,
	filtersIn,
	hooksIn,
} from "../../../src/firewall/path/traffic-control.js";
import { RecordedCommands } from "../../support/recorded-host.js";

const LINKS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback
2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 xdpgeneric qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 0e:f5:72:e5:83:d2 brd ff:ff:ff:ff:ff:ff\\    prog/xdp id 4746 name dropper tag b11459a0e11ca14c jited
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc blackhole state UP mode DEFAULT group default qlen 1000\\    link/ether
4: eth2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP mode DEFAULT group default qlen 1000\\    link/ether
`;

test("programs at interfaces, and queues that let nothing out", () => {
	assert.deepEqual(doubtsOfLinks(LINKS), [
		{ interface: "eth0", direction: "in", what: "an XDP program at eth0 (id 4746)" },
		{ interface: "eth1", direction: "out", what: "qdisc blackhole at eth1" },
	]);
});

const QDISCS = `qdisc noqueue 0: dev lo root refcnt 2 
qdisc clsact ffff: dev eth0 parent ffff:fff1 
qdisc ingress ffff: dev eth1 parent ffff:fff1 ---------------- 
qdisc fq_codel 0: dev eth1 root refcnt 2 limit 10240p
`;

test("where filters may stand", () => {
	assert.deepEqual(hooksIn(QDISCS), [
		{ name: "eth0", hook: "ingress" },
		{ name: "eth0", hook: "egress" },
		{ name: "eth1", hook: "ingress" },
	]);
});

const HEADER = `filter protocol ip pref 2 u32 chain 0 
filter protocol ip pref 2 u32 chain 0 fh 800: ht divisor 1 
`;
const U32 = `${HEADER}filter protocol ip pref 2 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 *flowid 1:1 not_in_hw 
  match 00000000/00000000 at 0
`;
const action = (words: string) => `${U32}\taction order 1: ${words}\n\t index 1 ref 1 bind 1\n`;

test("filters that may drop are those with a program, or an action that lets not all go on", () => {
	assert.deepEqual(filtersIn(""), []);
	assert.deepEqual(filtersIn(U32), []);
	assert.deepEqual(filtersIn(action("mirred (Egress Redirect to device ifb0) stolen")), []);
	assert.deepEqual(filtersIn(action("mirred (Egress Mirror to device lo) pipe")), []);
	assert.deepEqual(filtersIn(action("skbedit  priority :1 pipe")), []);
	assert.deepEqual(filtersIn(action("mirred (Egress Redirect to device lo) stolen")), [
		"u32 mirred (Egress Redirect to device lo) stolen",
	]);
	assert.deepEqual(filtersIn(action("gact action drop")), ["u32 gact action drop"]);
	const police = `${U32.trimEnd()}\n police 0x1 rate 1Mbit burst 10Kb mtu 2Kb action drop overhead 0b \n`;
	assert.deepEqual(filtersIn(police), [
		"u32 police 0x1 rate 1Mbit burst 10Kb mtu 2Kb action drop overhead 0b ",
	]);
	const bpf = `filter protocol all pref 49152 bpf chain 0 
filter protocol all pref 49152 bpf chain 0 handle 0x1 cil_from_netdev.o:[from-netdev] direct-action not_in_hw id 17 tag 3f 
`;
	assert.deepEqual(filtersIn(bpf), ["bpf cil_from_netdev.o:[from-netdev]"]);
});

test("each interface with such a filter is named, and without the command nothing is", async () => {
	const outputs = {
		"tc qdisc show": { stdout: QDISCS },
		"tc filter show dev eth0 ingress": { stdout: action("gact action drop") },
		"tc filter show dev eth0 egress": { stdout: U32 },
		"tc filter show dev eth1 ingress": { failure: "broken" },
	};
	const commands = (answers: typeof outputs | Record<string, never>) =>
		new RecordedCommands({ missing: [], outputs: answers, net: {} });
	assert.deepEqual(await doubtsOfFilters(commands(outputs)), [
		{ interface: "eth0", direction: "in", what: "tc filter at ingress of eth0: u32 gact action drop" },
	]);
	assert.deepEqual(await doubtsOfFilters(commands({})), []);
});
