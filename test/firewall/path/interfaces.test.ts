import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	defaults6Of,
	defaultsOf,
	type Network,
	readNetwork,
	waysTo,
} from "../../../src/firewall/path/interfaces.js";
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

	test("when it means all, by those with a default route, at their first address; else by all with a global one", () => {
		assert.deepEqual(ways("0.0.0.0"), ["10.77.0.1 by eth0"]);
		assert.deepEqual(ways("::", "ipv6"), ["fd78::1 by eth1"]);
		const offline = { ...NETWORK, defaults: { ipv4: [], ipv6: [] } };
		assert.deepEqual(ways("0.0.0.0", "ipv4", offline).sort(), ["10.77.0.1 by eth0", "10.78.0.1 by eth1"]);
	});
});

test("of this host, all addresses are read", async () => {
	const { addresses } = await readNetwork(new SystemCommands());
	const read = addresses.map(({ address }) => address);
	assert.deepEqual(
		linkedAddresses().filter(({ address }) => !read.includes(address)),
		[],
	);
});
