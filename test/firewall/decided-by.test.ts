import assert from "node:assert/strict";
import { test } from "node:test";
import { decidedBy } from "../../src/firewall/decided-by.js";
import type { Explanation } from "../../src/firewall/firewall.js";

const RULE = "-A INPUT -j DROP";

test("a rule is told with whose it is and what it does", () => {
	const cases: readonly (readonly [Explanation, string])[] = [
		[{ verdict: "open", by: "guard", rule: RULE }, `the guard's rule: ${RULE}`],
		[
			{ verdict: "open", by: "guard", rule: RULE, only: "by eth1 only from its network" },
			`the guard's rule: ${RULE}; by eth1 only from its network`,
		],
		[{ verdict: "closed", by: "admin", rule: RULE }, `the administrator's rule: ${RULE}`],
		[{ verdict: "closed", by: "policy", rule: RULE }, `the default: ${RULE}`],
		[
			{ verdict: "closed", by: "admin", rule: RULE, direction: "answer" },
			`the administrator's rule, which drops the answer: ${RULE}`,
		],
		[
			{ verdict: "closed", by: "admin", rule: RULE, diverted: true },
			`the administrator's rule, which sends datagrams elsewhere: ${RULE}`,
		],
		[{ verdict: "unknown", by: "admin", rule: RULE }, `what comes in may be dropped: ${RULE}`],
		[
			{ verdict: "unknown", by: "admin", rule: RULE, direction: "answer" },
			`its answers may be dropped: ${RULE}`,
		],
	];
	for (const [explanation, words] of cases) {
		assert.equal(decidedBy(explanation), words);
	}
});
