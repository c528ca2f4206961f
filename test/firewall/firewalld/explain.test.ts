/** Which setting of a zone decides, in the order in which firewalld applies them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainInZone } from "../../../src/firewall/firewalld/explain.js";
import { richRule } from "../../../src/firewall/firewalld/rule.js";
import { PretendedFirewalld } from "../../support/pretended-firewalld.js";
import { v4, v6 } from "../conformance.js";

const OPENING = v4(60_001);
const ours = richRule(OPENING);
const RULE = 'rule family="ipv4" port port="60000-61000" protocol="udp"';

const explained = (zone: ConstructorParameters<typeof PretendedFirewalld>[0]) =>
	explainInZone(new PretendedFirewalld(zone).bus, "public", OPENING);

test("a deny precedes an allow, that a port, that a service, that our rule, that the target", async () => {
	const all = {
		rules_str: [`${RULE} drop`, `${RULE} accept`, ours],
		ports: [["60001", "udp"]] as [string, string][],
		services: ["mosh"],
		target: "ACCEPT",
	};
	const cases = [
		[all, { verdict: "closed", by: "admin", rule: `zone public: ${RULE} drop` }],
		[
			{ ...all, rules_str: [`${RULE} accept`, ours] },
			{ verdict: "open", by: "admin", rule: `zone public: ${RULE} accept` },
		],
		[
			{ ...all, rules_str: [ours] },
			{ verdict: "open", by: "admin", rule: "zone public: port 60001/udp" },
		],
		[
			{ ...all, rules_str: [ours], ports: [] },
			{ verdict: "open", by: "admin", rule: "zone public: service mosh" },
		],
		[
			{ rules_str: [ours], target: "ACCEPT" },
			{ verdict: "open", by: "guard", rule: `zone public: ${ours}` },
		],
		[{ target: "ACCEPT" }, { verdict: "open", by: "policy", rule: "zone public: target ACCEPT" }],
		[{ target: "default" }, { verdict: "closed", by: "policy", rule: "zone public: target default" }],
	] as const;
	for (const [zone, expected] of cases) {
		assert.deepEqual(await explained(zone), expected);
	}
});

test("a rule for a source, another port, family or address does not decide for everybody", async () => {
	for (const rule of [
		RULE.replace(" port", ' source address="192.0.2.1" port').concat(" drop"),
		RULE.replace("60000-61000", "60002").concat(" drop"),
		RULE.replace("ipv4", "ipv6").concat(" drop"),
		RULE.replace(" port", ' destination address="10.77.0.9" port').concat(" drop"),
		RULE.replace("udp", "tcp").concat(" drop"),
	]) {
		assert.equal((await explained({ rules_str: [rule], target: "ACCEPT" })).by, "policy", rule);
	}
	const other = explainInZone(new PretendedFirewalld({ rules_str: [ours] }).bus, "public", v6(60_001));
	assert.equal((await other).by, "policy");
});
