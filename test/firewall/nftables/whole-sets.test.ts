import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findInsertionPoints } from "../../../src/firewall/nftables/insertion-point.js";
import { Nftables } from "../../../src/firewall/nftables/nftables.js";
import type { NftElement, NftTable } from "../../../src/firewall/nftables/ruleset.js";
import { LEASE_S, RENEW_BELOW_S } from "../../../src/firewall/nftables/store.js";
import { WholeSetStore } from "../../../src/firewall/nftables/whole-sets.js";
import { labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { droppingTable } from "../../support/nft-tables.js";
import { v4, v6 } from "../conformance.js";
import { listNft, loadRuleset } from "./subject.js";

const element = (port: number, expires = LEASE_S, packets = 0): NftElement => ({
	key: [SERVER4, port],
	comment: "mosh-portguard",
	expires,
	packets,
});

function holding(...elements: readonly NftElement[]): NftTable {
	const own = { type: ["ipv4_addr", "inet_service"], flags: ["timeout"], counts: true } as const;
	return droppingTable([], {
		sets: new Map([["mosh_portguard_4", { name: "mosh_portguard_4", elements, ...own }]]),
	});
}

function storeOn(table: NftTable): WholeSetStore {
	const [point] = findInsertionPoints([table]);
	assert.ok(point);
	return new WholeSetStore(point, LEASE_S);
}

const declared = (list: string) =>
	`add set inet filter mosh_portguard_4 { type ipv4_addr . inet_service; flags timeout; counter; elements = { ${list} }; }`;
const as = (port: number, counter = "") =>
	`${SERVER4} . ${port}${counter} timeout 210s comment "mosh-portguard"`;
const EMPTY = "flush set inet filter mosh_portguard_4";

describe("whole sets", () => {
	test("are declared with what is opened, and our chain must be there", () => {
		const [set, flush] = storeOn(holding()).open([v4(60_001), v4(60_002)]);
		assert.equal(set, declared(`${as(60_001)}, ${as(60_002)}`));
		assert.equal(flush, "flush chain inet filter mosh_portguard");
	});

	test("are emptied where something is closed, and get back what stays, with what it has counted", () => {
		const table = holding(element(60_001), element(60_002, 7, 3));
		assert.deepEqual(storeOn(table).close([v4(60_001)], table), [
			EMPTY,
			declared(as(60_002, " counter packets 3 bytes 0")),
		]);
		const one = holding(element(60_001));
		assert.deepEqual(storeOn(one).close([v4(60_001), v6(60_001)], one), [EMPTY]);
		assert.deepEqual(storeOn(one).close([v4(60_009)], one), []);
	});

	test("are renewed as a whole once an element is due", () => {
		const due = holding(element(60_001, RENEW_BELOW_S - 1), element(60_002, LEASE_S, 1));
		assert.equal(storeOn(due).renew(due)[0], EMPTY);
		const young = holding(element(60_001));
		assert.deepEqual(storeOn(young).renew(young), []);
	});
});

test("beside a set of ranges no command of nft names an element, and counters survive", {
	skip: (await labMissing("nft")) ?? false,
}, async () => {
	const lab = await startLab();
	try {
		await loadRuleset(
			lab,
			`flush ruleset
table inet admin {
	set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 } }
	chain input { type filter hook input priority filter; policy drop; ip saddr @blocked drop; tcp dport 22 accept; }
}
`,
		);
		const { commands } = lab.server;
		const scripts: string[] = [];
		const run = commands.run.bind(commands);
		commands.run = (tool, args, options) => {
			scripts.push(options?.input ?? "");
			return run(tool, args, options);
		};
		const firewall = new Nftables(commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60_001)], close: [] });
		await firewall.apply({ open: [v4(60_002), v6(60_002)], close: [] });
		await lab.isOpen(SERVER4, 60_002);
		const before = await firewall.counted([v4(60_002)]);
		assert.ok([...before.values()].some((count) => count > 0));
		await firewall.apply({ open: [], close: [v4(60_001)] });
		assert.deepEqual(await firewall.counted([v4(60_002)]), before);
		assert.deepEqual(await firewall.list(), [v4(60_002), v6(60_002)]);
		assert.deepEqual(
			scripts.filter((script) => /(add|delete) element/.test(script)),
			[],
		);
		await firewall.clear();
		assert.doesNotMatch(await listNft(lab), /mosh/);
	} finally {
		await lab.stop();
	}
});
