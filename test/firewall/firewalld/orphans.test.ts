/** Rules like ours in the tables of a firewalld that was killed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { orphansIn } from "../../../src/firewall/firewalld/orphans.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";

const LISTING = `table inet firewalld { # handle 1
	chain filter_IN_public_post { # handle 20
		ip daddr 10.77.0.1 udp dport 60001 accept # handle 31
		ip6 daddr fd77::1 udp dport 60002 accept # handle 32
		meta nfproto ipv4 udp dport 60003 accept # handle 33
		ip daddr 10.77.0.1 udp dport 60004 ct state { new, untracked } accept # handle 34
		ip saddr 192.0.2.0/24 udp dport 60005 accept # handle 35
		ip daddr 10.77.0.1 udp dport 60006 drop # handle 36
		ip daddr 10.77.0.1 udp dport 60007-60008 accept # handle 37
		ip daddr 10.77.0.1 tcp dport 60009 accept # handle 38
	}
	chain filter_IN_public_allow { # handle 21
		ip daddr 10.77.0.1 udp dport 60010 accept # handle 39
	}
}
table inet other { # handle 2
	chain filter_IN_public_post { # handle 20
		ip daddr 10.77.0.1 udp dport 60001 accept # handle 31
	}
}
`;

test("are found by what they open, in the chains where ours stand", () => {
	const found = orphansIn(parsePlain(LISTING));
	assert.deepEqual(
		found.map(({ opening, place }) => `${opening.family} ${opening.address} ${opening.port} at ${place}`),
		[
			"ipv4 10.77.0.1 60001 at inet firewalld filter_IN_public_post handle 31",
			"ipv6 fd77::1 60002 at inet firewalld filter_IN_public_post handle 32",
			"ipv4 0.0.0.0 60003 at inet firewalld filter_IN_public_post handle 33",
			"ipv4 10.77.0.1 60004 at inet firewalld filter_IN_public_post handle 34",
		],
	);
});
