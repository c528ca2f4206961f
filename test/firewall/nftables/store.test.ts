import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Opening } from "../../../src/firewall/firewall.js";
import { findInsertionPoints, type InsertionPoint } from "../../../src/firewall/nftables/insertion-point.js";
import type { NftElement, NftSet, NftTable } from "../../../src/firewall/nftables/ruleset.js";
import {
	AdminStore,
	adminSet,
	LEASE_S,
	OwnStore,
	RENEW_BELOW_S,
} from "../../../src/firewall/nftables/store.js";
import { droppingTable, match, portElement, recordedTable, rule } from "../../support/nft-tables.js";
import { anyOpening } from "../../support/openings.js";
import { v4, v6 } from "../conformance.js";

function pointIn(table: NftTable): InsertionPoint {
	const [point] = findInsertionPoints([table]);
	assert.ok(point);
	return point;
}

/** A table whose chain accepts a set of ports with these elements. */
function withPorts(elements: readonly NftElement[] = [], over: Partial<NftSet> = {}): NftTable {
	const ports = { name: "ports", type: ["inet_service"], flags: ["timeout"], elements, ...over };
	const accepting = rule(1, match("udp.dport", "@ports"), { accept: null });
	return droppingTable([accepting], { sets: new Map([["ports", ports]]) });
}

describe("the administrator's set", () => {
	test("is used by the name that is configured, and not without one", () => {
		const point = pointIn(withPorts());
		assert.equal(adminSet(point, "ports"), "ports");
		assert.equal(adminSet(point, "others"), undefined);
		assert.equal(adminSet(point, undefined), undefined);
	});

	test("is not used unless a rule accepts it", () => {
		const refused = rule(1, match("udp.dport", "@ports"), { drop: null });
		const table = droppingTable([refused], { sets: withPorts().sets });
		assert.equal(adminSet(pointIn(table), "ports"), undefined);
		assert.equal(adminSet(pointIn(droppingTable([], { sets: withPorts().sets })), "ports"), undefined);
	});

	test("is not used if it holds anything but single ports that can be added", () => {
		for (const over of [
			{ type: ["ipv4_addr", "inet_service"] },
			{ flags: ["interval"] },
			{ flags: ["timeout", "interval"] },
			{ flags: ["constant"] },
		]) {
			assert.equal(adminSet(pointIn(withPorts([], over)), "ports"), undefined, JSON.stringify(over));
		}
	});
});

describe("openings in a set of ports", () => {
	const store = (table: NftTable, lifetimeS: number | undefined = LEASE_S) =>
		new AdminStore(pointIn(table), "ports", lifetimeS);
	const add = (text: string) => `add element inet filter ports { ${text} }`;
	const remove = (port: number) => `delete element inet filter ports { ${port} }`;

	test("are the elements with our tag, one for each address that fits", () => {
		const table = withPorts([
			portElement(60001, "mosh-portguard 10.77.0.1,fd77::1"),
			portElement(60002),
			portElement(60003, "mine"),
			portElement(60004, "mosh-portguard 10.77.0.01"),
			portElement("60005-60006", "mosh-portguard 10.77.0.1"),
		]);
		assert.deepEqual(store(table).read(table), [v4(60001), v6(60001)]);
	});

	test("share an element, which is replaced while one of them is open", () => {
		const table = withPorts([portElement(60001, "mosh-portguard 10.77.0.1", 150)]);
		assert.deepEqual(store(table).open([v6(60001), v4(60001), v4(60002)], table), [
			remove(60001),
			add('60001 timeout 210s comment "mosh-portguard 10.77.0.1,fd77::1"'),
			add('60002 timeout 210s comment "mosh-portguard 10.77.0.1"'),
		]);
		const both = withPorts([portElement(60001, "mosh-portguard 10.77.0.1,fd77::1", 150)]);
		assert.deepEqual(store(both).close([v4(60001)], both), [
			remove(60001),
			add('60001 timeout 210s comment "mosh-portguard fd77::1"'),
		]);
		assert.deepEqual(store(both).close([v4(60001), v6(60001)], both), [remove(60001)]);
	});

	test("leave the administrator's own port alone", () => {
		const table = withPorts([portElement(60001)]);
		assert.deepEqual(store(table).close([v4(60001)], table), []);
		assert.deepEqual(store(table).renew(table), []);
	});

	test("keep a comment within the 128 bytes of nft", () => {
		const table = withPorts();
		const many = Array.from({ length: 20 }, (_, n) => v6(60001, `2001:db8::${n + 1}`));
		const [line = ""] = store(table).open(many, table);
		const [, comment = ""] = /comment "(.*)"/.exec(line) ?? [];
		assert.ok(comment.length <= 127 && comment.length > 100, comment);
		assert.match(comment, /,2001:db8::9$/);
	});

	test("expire only where the set has timeouts", () => {
		const table = withPorts([], { flags: [] });
		assert.deepEqual(store(table).open([v4(60001)], table), [
			add('60001 comment "mosh-portguard 10.77.0.1"'),
		]);
		const kept = withPorts([portElement(60001, "mosh-portguard 10.77.0.1")], { flags: [] });
		assert.deepEqual(store(kept).renew(kept), []);
	});
});

describe("renewal", () => {
	const own = (expires: number | undefined) => {
		const elements = [
			{ key: ["10.77.0.1", 60001], comment: "mosh-portguard", expires },
			{ key: ["10.77.0.1", 60002], comment: "mosh-portguard", expires: LEASE_S },
		];
		const set = {
			name: "mosh_portguard_4",
			type: ["ipv4_addr", "inet_service"],
			flags: ["timeout"],
			elements,
		};
		return droppingTable([], { sets: new Map([[set.name, set]]) });
	};
	const renewals = (expires: number | undefined, lifetimeS: number | undefined) => {
		const table = own(expires);
		return new OwnStore(pointIn(table), lifetimeS).renew(table).length;
	};

	test("is of all elements together, when one of them is about to expire", () => {
		assert.equal(renewals(RENEW_BELOW_S, LEASE_S), 0);
		assert.equal(renewals(RENEW_BELOW_S - 1, LEASE_S), 4);
	});

	test("gives persistent elements a time and takes it from leased ones, as whoever holds them now needs it", () => {
		assert.equal(renewals(undefined, LEASE_S), 4);
		assert.equal(renewals(LEASE_S, undefined), 4);
		const table = own(undefined);
		const lines = new OwnStore(pointIn(table), undefined).renew(table);
		assert.ok(
			lines.every((line) => !line.includes("timeout")),
			lines.join("\n"),
		);
	});
});

describe("a recorded ruleset", () => {
	test("has openings in our sets and in the administrator's, whose own element is left alone", async () => {
		const point = pointIn(await recordedTable());
		assert.deepEqual(new OwnStore(point, LEASE_S).read(point.table), [
			v4(60001),
			{ family: "ipv6", address: "::", port: 60002 },
		]);
		const store = new AdminStore(point, "mosh_ports", LEASE_S);
		assert.deepEqual(store.read(point.table), [v4(60006), v6(60006)]);
		assert.deepEqual(store.close([v4(60005)], point.table), []);
		assert.equal(store.renew(point.table).length, 2);
	});

	test("every opening in a set of ours is read back", async () => {
		const point = pointIn(await recordedTable());
		const text = (opening: Opening) => JSON.stringify(opening);
		fc.assert(
			fc.property(fc.uniqueArray(anyOpening, { selector: text }), (openings) => {
				const store = new OwnStore(point, LEASE_S);
				const elements = store.open(openings).map((line) => {
					const [, set = "", key = ""] =
						/^add element inet filter (\S+) \{ (.*) timeout 210s comment "mosh-portguard" \}$/.exec(line) ??
						[];
					const [first = "", port] = key.split(" . ");
					return { set, element: { key: [first, Number(port)], comment: "mosh-portguard", expires: 210 } };
				});
				const sets = [...point.table.sets].map(([name, set]): [string, NftSet] => [
					name,
					{ ...set, elements: elements.filter((entry) => entry.set === name).map(({ element }) => element) },
				]);
				const read = store.read({ ...point.table, sets: new Map(sets) });
				assert.deepEqual(new Set(read.map(text)), new Set(openings.map(text)));
			}),
		);
	});
});
