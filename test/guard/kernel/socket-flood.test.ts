/** How the list of sockets is restricted during a flood. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { crowdsOf, localAddresses, narrowTo } from "../../../src/guard/kernel/socket-flood.js";
import type { UdpSocket } from "../../../src/guard/kernel/udp-socket.js";

const socket = (port: number, address = "192.0.2.1"): UdpSocket => {
	const family = address.includes(":") ? "ipv6" : "ipv4";
	return { family, address, port, uid: 1000, inode: 1 };
};
const times = (count: number, port: number) => Array.from({ length: count }, () => socket(port));

test("more than eight sockets on one address and port are a crowd; at most 64, the largest, are named", () => {
	assert.deepEqual(crowdsOf([...times(8, 60001), ...times(9, 60002)]), new Set(["192.0.2.1 60002"]));
	const many = Array.from({ length: 100 }, (_, i) => times(9 + i, 60001 + i)).flat();
	const crowds = crowdsOf(many);
	assert.equal(crowds.size, 64);
	assert.ok(crowds.has("192.0.2.1 60100") && !crowds.has("192.0.2.1 60036"));
});

test("the list is restricted to this host's addresses and wildcards, without crowds", () => {
	const { filter, asksFor } = narrowTo(
		["192.0.2.1", "2001:db8::1"],
		new Set(["192.0.2.1 60002", ":: 60003"]),
	);
	assert.equal(
		filter,
		" and ( src 0.0.0.0 or src [::] or src 192.0.2.1 or src [2001:db8::1] )" +
			" and not src 192.0.2.1:60002 and not src [::]:60003",
	);
	assert.ok(asksFor(socket(60001)) && asksFor(socket(60001, "::")) && asksFor(socket(60001, "2001:db8::1")));
	for (const other of [socket(60002), socket(60003, "::"), socket(60001, "198.51.100.1")]) {
		assert.ok(!asksFor(other), `${other.address} ${other.port}`);
	}
});

test("a host with very many addresses is not restricted by them", () => {
	const addresses = Array.from({ length: 129 }, (_, i) => `10.0.0.${i}`);
	const { filter, asksFor } = narrowTo(addresses, new Set());
	assert.equal(filter, "");
	assert.ok(asksFor(socket(60001, "198.51.100.1")));
});

test("this host's addresses are those of all interfaces, without loopback", async () => {
	const lines = [
		"1: lo    inet 127.0.0.1/8",
		"1: lo    inet 192.0.2.7/32",
		"1: lo    inet6 ::1/128",
		"2: eth0    inet 192.0.2.1/24",
	];
	const stdout = lines.map((line) => `${line} scope global\n`).join("");
	const run = async () => ({ stdout, stderr: "", exitCode: 0 });
	assert.deepEqual(await localAddresses({ run }), ["192.0.2.7", "192.0.2.1"]);
});
