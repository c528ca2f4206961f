import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readRichRule, richRule } from "../../../src/firewall/firewalld/rule.js";
import { anyOpening } from "../../support/openings.js";
import { v4 } from "../conformance.js";

test("every opening is read back from the rich rule that was built for it", () => {
	fc.assert(fc.property(anyOpening, (opening) => assert.deepEqual(readRichRule(richRule(opening)), opening)));
});

test("a rich rule that differs in anything is the administrator's", () => {
	const ours = richRule(v4(60001));
	for (const other of [
		ours.replace("32000", "31999"),
		ours.replace("accept", "drop"),
		ours.replace(" accept", ' source address="192.0.2.1" accept'),
		ours.replace('"udp"', '"tcp"'),
		ours.replace('"60001"', '"60001-60002"'),
	]) {
		assert.notEqual(other, ours);
		assert.equal(readRichRule(other), undefined, other);
	}
});
