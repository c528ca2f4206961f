import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findInsertionPoints } from "../../../src/firewall/nftables/insertion-point.js";
import {
	addLine,
	deleteLine,
	installScript,
	removeScript,
	tableOf,
	withoutOtherSets,
} from "../../../src/firewall/nftables/script.js";
import { droppingTable, recordedTable } from "../../support/nft-tables.js";

describe("installing", () => {
	test("keeps the elements of sets, makes the chain anew and puts one jump before the drop", async () => {
		const [point] = findInsertionPoints([await recordedTable()]);
		assert.ok(point);
		assert.deepEqual(installScript(point, [{ chain: "input", handle: 19 }]).split("\n"), [
			"add set inet filter mosh_portguard_4 { type ipv4_addr . inet_service; flags timeout; }",
			"add set inet filter mosh_portguard_6 { type ipv6_addr . inet_service; flags timeout; }",
			"add set inet filter mosh_portguard_any { type nf_proto . inet_service; flags timeout; }",
			"add chain inet filter mosh_portguard",
			"flush chain inet filter mosh_portguard",
			"add rule inet filter mosh_portguard ip daddr . udp dport @mosh_portguard_4 accept",
			"add rule inet filter mosh_portguard ip6 daddr . udp dport @mosh_portguard_6 accept",
			"add rule inet filter mosh_portguard meta nfproto . udp dport @mosh_portguard_any accept",
			"delete rule inet filter input handle 19",
			'insert rule inet filter input position 20 meta l4proto udp jump mosh_portguard comment "mosh-portguard"',
			"",
		]);
	});

	test("appends the jump where the policy drops, and makes no set of a family the table does not have", () => {
		const [point] = findInsertionPoints([droppingTable([], { family: "ip6" })]);
		assert.ok(point);
		const script = installScript(point, []);
		assert.match(script, /^add rule ip6 filter input meta l4proto udp jump mosh_portguard/m);
		assert.doesNotMatch(script, /mosh_portguard_4/);
	});

	test("makes sets that count, unless they cannot; those that are there stay as they are", () => {
		const [point] = findInsertionPoints([droppingTable([])]);
		assert.ok(point);
		assert.match(installScript(point, []), /flags timeout; counter; }$/m);
		assert.doesNotMatch(installScript(point, [], false), /counter/);
	});
});

test("a removal takes rules, chain and sets in the order that the kernel lets them go, and only what there is", () => {
	const strayRules = [{ chain: "input", handle: 19 }];
	assert.deepEqual(
		removeScript("ip t", { strayRules, chainExists: true, sets: ["mosh_portguard_4"] }).split("\n"),
		[
			"delete rule ip t input handle 19",
			"flush chain ip t mosh_portguard",
			"delete chain ip t mosh_portguard",
			"delete set ip t mosh_portguard_4",
			"",
		],
	);
	assert.equal(
		removeScript("ip t", { strayRules, chainExists: false, sets: [] }),
		"delete rule ip t input handle 19\n",
	);
});

test("elements with and without a timeout", () => {
	const element = { set: "s", key: ["10.77.0.1", 60001], comment: "mosh-portguard" };
	const table = tableOf({ table: droppingTable() });
	assert.equal(
		addLine(table, { ...element, timeoutS: 210 }),
		'add element inet filter s { 10.77.0.1 . 60001 timeout 210s comment "mosh-portguard" }',
	);
	assert.equal(
		addLine(table, { ...element, timeoutS: undefined }),
		'add element inet filter s { 10.77.0.1 . 60001 comment "mosh-portguard" }',
	);
	assert.equal(deleteLine(table, element), "delete element inet filter s { 10.77.0.1 . 60001 }");
});

describe("changes of elements on a host with sets of ranges", () => {
	const one = "add element inet filter mosh_ports { 60001 }";
	const other = "delete element inet filter mosh_ports { 60002 }";

	test("of one set name that set at the end, as nft then fetches no other", () => {
		assert.deepEqual(withoutOtherSets([one, other]), [one, other, "list set inet filter mosh_ports"]);
	});

	test("of several sets, or beside other changes, stay as they are: nft would not find the others", () => {
		for (const script of [
			[one, "add element inet filter others { 60001 }"],
			[one, "add element inet other mosh_ports { 60001 }"],
			["flush chain inet filter mosh_portguard", one],
			["flush set inet filter mosh_ports"],
			[],
		]) {
			assert.deepEqual(withoutOtherSets(script), script);
		}
	});
});
