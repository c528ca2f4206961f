/**
 * While nft has written into iptables' table what iptables cannot print, the guard opens nothing there: what it has opened before is
 * closed with its session all the same, and status and the answer to a report say the same of each port.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { labMissing, SERVER4, SERVER6 } from "../../lab/hosts.js";
import { needsRootsNode } from "../../support/requirements.js";
import { holds } from "../../support/wait.js";
import { type Answered, GuardHost, type Said } from "./guard-host.js";
import { hardened } from "./tables/common.js";
import { IPTABLES_NFT } from "./tables/iptables.js";

const { kind } = IPTABLES_NFT;
const skip = (await labMissing("ss", "conntrack", ...kind.tools)) ?? needsRootsNode();

const at = (port: number) => ({ family: "ipv4", address: SERVER4, port }) as const;
const ENDING = at(60_001);
const STAYING = at(60_002);
const LATE = at(60_003);
const SIX = { family: "ipv6", address: SERVER6, port: 60_001 } as const;

let host: GuardHost;

before(async () => {
	if (!skip) {
		host = await GuardHost.create(kind);
	}
});

after(() => host?.remove());

test("a table that iptables cannot print for a while", { skip }, async () => {
	const { server } = host.lab;
	await host.setUp(hardened());
	const pristine = await host.listing();
	const first = [ENDING, STAYING, SIX];
	await host.ask({ do: "bind", openings: first });
	await host.ask({ do: "start", config: "", lacks: {} });
	assert.deepEqual(await host.ask({ do: "report", openings: first }), [{}, {}, {}]);

	await server.sh("nft insert rule ip filter INPUT meta mark set ct mark");
	await holds(async () => assert.match((await said()).problems.join(), /iptables-save does not print/));
	await host.ask({ do: "bind", openings: [LATE] });
	const [of, late] = await host.ask<Answered[]>({ do: "report", openings: [STAYING, LATE] });
	assert.deepEqual([of, await stateOf(STAYING), await reached(STAYING)], [{}, "open", true]);
	assert.deepEqual(
		[late?.code, await stateOf(LATE), await reached(LATE)],
		["firewall-failed", "pending", false],
	);

	await host.ask({ do: "release", openings: [ENDING, SIX] });
	await holds(async () => assert.equal(await opens(60_001), false, "closed with its session"));
	assert.deepEqual([await opens(60_002), await reached(STAYING)], [true, true]);

	await server.sh(
		"nft delete rule ip filter INPUT handle $(nft -a list chain ip filter INPUT | sed -n 's/.*meta mark set.*handle //p')",
	);
	await holds(async () => assert.deepEqual([await stateOf(LATE), await reached(LATE)], ["open", true]));
	await host.ask({ do: "release", openings: [STAYING, LATE] });
	assert.equal(await host.ask({ do: "stop" }), "");
	assert.equal(await host.listing(), pristine);
});

function said(): Promise<Said> {
	return host.ask<Said>({ do: "say" });
}

async function stateOf({ family, port }: typeof STAYING): Promise<string | undefined> {
	return (await said()).ports.find((found) => found.family === family && found.port === port)?.state;
}

async function reached(opening: typeof STAYING): Promise<boolean> {
	return (await host.reach(opening)).answered;
}

/** Whether a rule of ours is there for the port, as nft lists it. */
async function opens(port: number): Promise<boolean> {
	return new RegExp(`udp dport ${port}\\b`).test(await host.listing());
}
