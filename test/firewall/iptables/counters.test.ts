import assert from "node:assert/strict";
import { test } from "node:test";
import { countersIn } from "../../../src/firewall/iptables/counters.js";

test("counters of our rules are read, of no others", () => {
	const text = `# Generated
*filter
:INPUT DROP [9:900]
:MOSH-PORTGUARD - [0:0]
[7:700] -A INPUT -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD
[5:500] -A INPUT -p udp -m udp --dport 60003 -j ACCEPT
[3:120] -A MOSH-PORTGUARD -d 192.0.2.1/32 -p udp -m udp --dport 60001 -m comment --comment mosh-portguard -j ACCEPT
[0:0] -A MOSH-PORTGUARD -p udp -m udp --dport 60002 -m comment --comment mosh-portguard -j ACCEPT
[1:40] -A MOSH-PORTGUARD -p udp -m udp --dport 60004 -j ACCEPT
COMMIT
`;
	assert.deepEqual(
		[...countersIn(text, "ipv4")],
		[
			["ipv4 192.0.2.1 60001", 3],
			["ipv4 0.0.0.0 60002", 0],
		],
	);
});
