/** What the kernel says of elements of sets of each kind, in a namespace of its own. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kernelHas } from "../../../src/firewall/path/kernel-lookup.js";
import { NetlinkError } from "../../../src/system/netlink.js";
import { LabHost, labMissing } from "../../lab/hosts.js";
import { LabNetlink } from "../../support/netlink.js";

const SETS = `table inet t {
	set hosts { type ipv4_addr; elements = { 192.0.2.1 }; }
	set nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.0-192.0.2.9 }; }
	set nets6 { type ipv6_addr; flags interval; elements = { 2001:db8::/32 }; }
	set all { type ipv4_addr; flags interval; elements = { 0.0.0.0/0 }; }
	set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 60000-61000 }; }
	set links { type ifname . inet_proto; elements = { "eth0" . udp }; }
	map verdicts { type ipv4_addr : verdict; flags interval; elements = { 10.0.0.0/8 : drop }; }
}`.replace("set all ", "set whole ");

const CASES: readonly (readonly [set: string, types: string, key: string, has: boolean | undefined])[] = [
	["hosts", "ipv4_addr", "192.0.2.1", true],
	["hosts", "ipv4_addr", "192.0.2.2", false],
	["nets", "ipv4_addr", "10.1.2.3", true],
	["nets", "ipv4_addr", "10.0.0.0", true],
	["nets", "ipv4_addr", "11.0.0.0", false],
	["nets", "ipv4_addr", "9.255.255.255", false],
	["nets", "ipv4_addr", "192.0.2.9", true],
	["nets", "ipv4_addr", "192.0.2.10", false],
	["nets6", "ipv6_addr", "2001:db8:1::1", true],
	["nets6", "ipv6_addr", "2001:db9::1", false],
	["whole", "ipv4_addr", "203.0.113.5", true],
	["pairs", "ipv4_addr inet_service", "10.9.9.9 60001", true],
	["pairs", "ipv4_addr inet_service", "10.9.9.9 53", false],
	["pairs", "ipv4_addr inet_service", "11.9.9.9 60001", false],
	["links", "ifname inet_proto", "eth0 udp", true],
	["links", "ifname inet_proto", "eth1 udp", false],
	["verdicts", "ipv4_addr", "10.1.1.1", true],
	["verdicts", "ipv4_addr", "203.0.113.5", false],
	// What is not of the type, of a type that is not known, or of another number of parts.
	["nets", "ipv4_addr", "2001:db8::1", undefined],
	["nets", "ether_addr", "10.1.1.1", undefined],
	["pairs", "ipv4_addr inet_service", "10.9.9.9", undefined],
];

const missing = await labMissing("nft");

describe("the kernel is asked", { skip: missing ?? false }, () => {
	let host: LabHost;
	before(async () => {
		host = await LabHost.start("lookup");
		await host.commands.run("nft", ["-f", "-"], { input: SETS.replace(/\}(?=\s*\})/g, "}\n") });
	});
	after(() => host.stop());
	for (const [set, types, key, has] of CASES) {
		test(`${key} in ${set}: ${has}`, async () => {
			const place = { family: "inet", table: "t", set, types: types.split(" ") };
			assert.equal(await kernelHas(new LabNetlink(host), place, key.split(" ")), has);
		});
	}
});

test("a refusal is no answer, and another error is no refusal", async () => {
	const place = { family: "inet", table: "t", set: "s", types: ["ipv4_addr"] };
	const failing = (error: Error) => ({ ask: () => Promise.reject(error) });
	assert.equal(await kernelHas(failing(new NetlinkError("EPERM")), place, ["10.0.0.1"]), undefined);
	await assert.rejects(kernelHas(failing(new Error("broken")), place, ["10.0.0.1"]), /broken/);
	assert.equal(
		await kernelHas(failing(new Error("asked")), { ...place, family: "arp" }, ["10.0.0.1"]),
		undefined,
	);
});
