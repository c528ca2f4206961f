import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";

import {
	acceptRule,
	isJump,
	isManaged,
	JUMP_RULE,
	readAcceptRule,
} from "../../../src/firewall/iptables/rule.js";
import { splitWords } from "../../../src/firewall/path/words.js";

import { anyOpening } from "../../support/openings.js";

describe("rules of ours", () => {
	test("every opening is read back from the rule that was built for it", () => {
		fc.assert(
			fc.property(anyOpening, (opening) => {
				const words = acceptRule(opening);
				const text = words.join(" ");
				assert.deepEqual(splitWords(text), words);
				assert.deepEqual(readAcceptRule({ words, text }, opening.family), opening);
			}),
		);
	});

	test("a rule with one word more, fewer or changed is not ours", () => {
		fc.assert(
			fc.property(anyOpening, fc.nat(), fc.constantFrom("-s", "ACCEPT", "1"), (opening, at, word) => {
				const words = acceptRule(opening);
				const index = at % words.length;
				const changed = [
					[...words.slice(0, index), ...words.slice(index + 1)],
					[...words.slice(0, index), word, ...words.slice(index)],
				].filter((candidate) => candidate.join(" ") !== words.join(" "));
				for (const candidate of changed) {
					const read = readAcceptRule({ words: candidate, text: "" }, opening.family);
					assert.notDeepEqual(read, opening);
				}
			}),
		);
	});
});

test("the jump is ours, and so is whatever has our tag or leads to our chain", () => {
	const rule = (text: string) => ({ words: splitWords(text), text });
	const jump = JUMP_RULE.join(" ");
	assert.deepEqual([isJump(rule(jump)), isManaged(rule(jump))], [true, true]);
	for (const text of ["-p udp -j MOSH-PORTGUARD", '-m comment --comment "mosh-portguard" -j DROP']) {
		assert.deepEqual([isJump(rule(text)), isManaged(rule(text))], [false, true], text);
	}
	assert.equal(isManaged(rule("-p udp -m comment --comment mosh -j ACCEPT")), false);
});
