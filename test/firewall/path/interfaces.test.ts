import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	defaults6Of,
	defaultsOf,
	devicesOf,
	isHere,
	linksOf,
	type Network,
	readNetwork,
	tablesOf,
	waysTo,
} from "../../../src/firewall/path/interfaces.js";
import { ANY_BRIDGE } from "../../../src/firewall/path/nft-rules.js";
import { SystemCommands } from "../../../src/system/commands.js";
import { linkedAddresses } from "../../../src/system/interfaces.js";

const ROUTE = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	01004D0A	0003	0	0	0	00000000	0	0	0
eth0	00004D0A	00000000	0001	0	0	0	0000FFFF	0	0	0
`;
const ROUTE6 = `fd770000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd770000000000000000000000000001 00000400 00000001 00000000 00000003     eth1
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

const NETWORK: Network = {
	addresses: [
		{ interface: "lo", family: "ipv4", address: "127.0.0.1" },
		{ interface: "lo", family: "ipv4", address: "192.0.2.1" },
		{ interface: "eth0", family: "ipv4", address: "10.77.0.1" },
		{ interface: "eth0", family: "ipv4", address: "10.77.0.3" },
		{ interface: "eth1", family: "ipv4", address: "10.78.0.1" },
		{ interface: "eth1", family: "ipv6", address: "fe80::1" },
		{ interface: "eth1", family: "ipv6", address: "fd78::1" },
	],
	defaults: { ipv4: ["eth0"], ipv6: [] },
};

test("default routes, of each family", () => {
	assert.deepEqual(defaultsOf(ROUTE), ["eth0"]);
	assert.deepEqual(defaults6Of(ROUTE6), ["eth1"]);
	assert.deepEqual([defaultsOf(""), defaults6Of("")], [[], []]);
});

describe("an address is reached", () => {
	const ways = (address: string, family: "ipv4" | "ipv6" = "ipv4", network = NETWORK) =>
		waysTo({ family, address }, network).map((way) => `${way.address} by ${way.interface}`);

	test("by the interface that has it", () => {
		assert.deepEqual(ways("10.78.0.1"), ["10.78.0.1 by eth1"]);
		assert.deepEqual(ways("127.0.0.1"), ["127.0.0.1 by lo"]);
	});

	test("by the default route, where it stands on the loopback interface", () => {
		assert.deepEqual(ways("192.0.2.1"), ["192.0.2.1 by eth0"]);
	});

	test("at another interface than it stands on, which is said", () => {
		const elsewhere = (address: string) =>
			waysTo({ family: "ipv4", address }, NETWORK).map((way) => way.elsewhere);
		assert.deepEqual(elsewhere("192.0.2.1"), [true]);
		assert.deepEqual(elsewhere("10.78.0.1"), [undefined]);
	});

	test("by the default route also where that interface has no address, or the address stands on one that nothing comes in by", () => {
		const links = [{ name: "dummy0", passive: true, below: [] }];
		const addresses = [{ interface: "dummy0", family: "ipv4", address: "192.0.2.1" }] as const;
		const network = { addresses, defaults: { ipv4: ["eth0"], ipv6: [] }, links };
		assert.deepEqual(ways("192.0.2.1", "ipv4", network), ["192.0.2.1 by eth0"]);
		assert.deepEqual(ways("0.0.0.0", "ipv4", network), ["192.0.2.1 by eth0"]);
	});

	test("by the default route, where no interface has it, if at all", () => {
		assert.deepEqual(ways("192.0.2.9"), ["192.0.2.9 by eth0"]);
		const here = (address: string) => isHere({ family: "ipv4", address }, NETWORK);
		assert.deepEqual(["192.0.2.9", "192.0.2.1", "127.0.0.1", "0.0.0.0"].map(here), [false, true, true, true]);
	});

	test("of a network that two interfaces lead to, by both", () => {
		const addresses = [
			{ interface: "eth0", family: "ipv4", address: "10.77.0.1", length: 24 },
			{ interface: "wlan0", family: "ipv4", address: "10.77.0.5", length: 24 },
			{ interface: "tun0", family: "ipv4", address: "10.77.0.9", length: 32 },
			{ interface: "eth1", family: "ipv4", address: "10.78.0.1", length: 24 },
			{ interface: "eth0", family: "ipv6", address: "fd77::1", length: 64 },
			{ interface: "wlan0", family: "ipv6", address: "fd77::5", length: 64 },
		] as const;
		const network = { ...NETWORK, addresses };
		assert.deepEqual(ways("10.77.0.5", "ipv4", network), ["10.77.0.5 by wlan0", "10.77.0.5 by eth0"]);
		assert.deepEqual(ways("10.77.0.9", "ipv4", network), [
			"10.77.0.9 by tun0",
			"10.77.0.9 by eth0",
			"10.77.0.9 by wlan0",
		]);
		assert.deepEqual(ways("10.78.0.1", "ipv4", network), ["10.78.0.1 by eth1"]);
		assert.deepEqual(ways("fd77::5", "ipv6", network), ["fd77::5 by wlan0"]);
	});

	test("when it means all, by those with a default route, at some of their addresses; else by all with a global one", () => {
		assert.deepEqual(ways("0.0.0.0"), ["10.77.0.1 by eth0", "10.77.0.3 by eth0"]);
		const many = Array.from(
			{ length: 20 },
			(_, index) => ({ interface: "eth0", family: "ipv4", address: `10.77.0.${index + 1}` }) as const,
		);
		assert.equal(ways("0.0.0.0", "ipv4", { ...NETWORK, addresses: many }).length, 4);
		assert.deepEqual(ways("::", "ipv6"), ["fd78::1 by eth1"]);
		const linkLocal = NETWORK.addresses.filter(({ address }) => address !== "fd78::1");
		assert.deepEqual(ways("::", "ipv6", { ...NETWORK, addresses: linkLocal }), ["fe80::1 by eth1"]);
		const offline = { ...NETWORK, defaults: { ipv4: [], ipv6: [] } };
		assert.deepEqual(ways("0.0.0.0", "ipv4", offline).sort(), [
			"10.77.0.1 by eth0",
			"10.77.0.3 by eth0",
			"10.78.0.1 by eth1",
		]);
	});
});

const LINKS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq master br0 state UP mode DEFAULT group default qlen 1000\\    link/ether
3: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether
4: br0.7@br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether
5: dummy0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/ether
6: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/none
7: red: <NOARP,MASTER,UP,LOWER_UP> mtu 65575 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether
8: here@there: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether
9: there@here: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether
11: slave: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq master red state UP mode DEFAULT group default qlen 1000\\    link/ether
10: veth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether
`;

describe("interfaces", () => {
	const links = linksOf(LINKS);

	test("that only hold addresses are told by their flags", () => {
		const passive = links.filter((link) => link.passive);
		assert.deepEqual(
			passive.map(({ name }) => name),
			["dummy0"],
		);
	});

	test("are made of the ports of a bridge, and of what a VLAN is on; not of the other end of a veth pair", () => {
		const made = links.filter(({ below }) => below.length > 0);
		assert.deepEqual(
			made.map(({ name, below }) => [name, below]),
			[
				["br0", ["eth0", ANY_BRIDGE]],
				["br0.7", ["br0"]],
				["red", ["slave"]],
			],
		);
		const addresses = [{ interface: "br0.7", family: "ipv4", address: "10.77.0.1" }] as const;
		const network = { addresses, defaults: { ipv4: [], ipv6: [] }, links };
		const [way] = waysTo({ family: "ipv4", address: "10.77.0.1" }, network);
		assert.deepEqual(way?.below, ["br0", "eth0", ANY_BRIDGE]);
	});
});

test("further tables of routes are those that rules name; of VRFs, and of many, all", () => {
	const rule = (table: string) => `32765:\tfrom 10.77.0.1 lookup ${table}\n`;
	assert.deepEqual(tablesOf(["local", "main", "default"].map(rule).join("")), []);
	assert.deepEqual(tablesOf(["local", "77", "isp2", "77", "main"].map(rule).join("")), ["77", "isp2"]);
	assert.deepEqual(tablesOf(rule("[l3mdev-table]")), ["all"]);
	assert.deepEqual(tablesOf(Array.from({ length: 9 }, (_, at) => rule(`10${at}`)).join("")), ["all"]);
	assert.deepEqual(
		devicesOf(
			"default via 10.77.0.2 dev eth0 \ndefault \\\tnexthop via 10.79.0.2 dev eth1 weight 1 \\\tnexthop via 10.78.0.2 dev eth2 weight 1\n",
		),
		["eth0", "eth1", "eth2"],
	);
});

test("of this host, all addresses are read", async () => {
	const { addresses } = await readNetwork(new SystemCommands());
	const read = addresses.map(({ address }) => address);
	assert.deepEqual(
		linkedAddresses().filter(({ address }) => !read.includes(address)),
		[],
	);
});
