import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import { explainAt } from "../../../src/firewall/nftables/explain.js";
import { findInsertionPoints } from "../../../src/firewall/nftables/insertion-point.js";
import type { NftTable } from "../../../src/firewall/nftables/ruleset.js";
import { LEASE_S, OwnStore } from "../../../src/firewall/nftables/store.js";
import { droppingTable, match, recordedTable, rule } from "../../support/nft-tables.js";
import { v4 } from "../conformance.js";

function explain(table: NftTable, opening: Opening): string {
	const [point] = findInsertionPoints([table]);
	assert.ok(point);
	const { verdict, by, rule } = explainAt(point, new OwnStore(point, LEASE_S), opening);
	return `${verdict} by ${by}: ${rule}`;
}

describe("the rule that decides", () => {
	test("is ours, the administrator's or the default, in a recorded ruleset", async () => {
		const table = await recordedTable();
		assert.equal(explain(table, v4(60001)), "open by guard: rule 8 of chain mosh_portguard");
		assert.equal(explain(table, v4(60150)), "open by admin: rule 12 of chain services");
		assert.equal(explain(table, v4(60901)), "closed by admin: rule 13 of chain services");
		assert.equal(explain(table, v4(60002)), "closed by policy: rule 21 of chain input");
	});

	test("is the policy of the chain where no rule matches", () => {
		assert.equal(explain(droppingTable(), v4(60001)), "closed by policy: chain input { policy drop; }");
	});

	test("of a lookup that does not hold an opening of ours is the administrator's", () => {
		const set = {
			name: "s",
			type: ["inet_service"],
			flags: [],
			elements: [{ key: [60001], comment: undefined, expires: undefined }],
		};
		const table = droppingTable([rule(5, match("udp.dport", "@s"), { accept: null })], {
			sets: new Map([["s", set]]),
		});
		assert.equal(explain(table, v4(60001)), "open by admin: rule 5 of chain input");
	});
});
