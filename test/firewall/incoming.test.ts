import assert from "node:assert/strict";
import { test } from "node:test";
import { incomingOf } from "../../src/firewall/incoming.js";

const address = (name: string, last: number) =>
	({ interface: name, family: "ipv4", address: `10.77.0.${last}` }) as const;
const two = [address("eth0", 1), address("guest", 2)];

test("sessions come in by what has a default route, or by the only interface there is", () => {
	const none = { ipv4: [], ipv6: [] };
	assert.deepEqual(incomingOf("ipv4", { addresses: two, defaults: { ...none, ipv4: ["eth0"] } }), ["eth0"]);
	assert.deepEqual(incomingOf("ipv4", { addresses: two, defaults: none }), []);
	assert.deepEqual(incomingOf("ipv4", { addresses: two.slice(0, 1), defaults: none }), ["eth0"]);
	const several = [address("eth0", 1), address("eth0", 3)];
	assert.deepEqual(incomingOf("ipv4", { addresses: several, defaults: none }), ["eth0"]);
	assert.deepEqual(incomingOf("ipv6", { addresses: two, defaults: none }), []);
});
