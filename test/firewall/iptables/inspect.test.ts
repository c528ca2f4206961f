import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { beforeChain } from "../../../src/firewall/iptables/insertion-point.js";
import { inspect } from "../../../src/firewall/iptables/inspect.js";
import { acceptRule, JUMP_RULE } from "../../../src/firewall/iptables/rule.js";
import { parseSave } from "../../../src/firewall/iptables/save.js";
import { recorded } from "../../support/recorded.js";
import { v4 } from "../conformance.js";

const JUMP = `-A INPUT ${JUMP_RULE.join(" ")}`;
const ACCEPT = `-A MOSH-PORTGUARD ${acceptRule(v4(60001)).join(" ")}`;
const LO = "-A INPUT -i lo -j ACCEPT";

/** Of a table with our chain and these rules, where the jump belongs after one foreign rule. */
function seen(...lines: string[]) {
	const table = parseSave(["*filter", ":INPUT DROP [0:0]", ":MOSH-PORTGUARD - [0:0]", ...lines].join("\n"));
	const { reached, intact, openings } = inspect(table, "ipv4", { chain: "INPUT", index: 1 });
	return { reached, intact, ports: openings.map(({ port }) => port) };
}

describe("our chain", () => {
	test("is intact with one jump at the insertion point and distinct rules of ours", () => {
		assert.deepEqual(seen(LO, JUMP, ACCEPT), { reached: true, intact: true, ports: [60001] });
	});

	test("is not reached without a jump, with two, or with one at another place", () => {
		for (const lines of [[LO], [LO, JUMP, JUMP], [JUMP, LO], [LO, LO, JUMP]]) {
			assert.deepEqual(seen(...lines, ACCEPT), { reached: false, intact: false, ports: [60001] });
		}
	});

	test("is reached but not intact with a rule twice, or with one that is not ours", () => {
		const foreign = "-A MOSH-PORTGUARD -p udp -j ACCEPT";
		for (const more of [ACCEPT, foreign]) {
			assert.deepEqual(seen(LO, JUMP, ACCEPT, more), { reached: true, intact: false, ports: [60001] });
		}
	});

	test("a jump with another condition is a stray rule, and no jump", () => {
		assert.equal(seen(LO, JUMP.replace("-p udp ", ""), ACCEPT).reached, false);
	});
});

test("without an insertion point, or a chain, nothing is intact", () => {
	const table = parseSave(["*filter", ":INPUT DROP [0:0]", JUMP].join("\n"));
	const { intact, chainExists, strayRules } = inspect(table, "ipv4", undefined);
	assert.deepEqual([intact, chainExists, strayRules.map(({ text }) => text)], [false, false, [JUMP]]);
});

test("a listing of ufw with a foreign rule in our chain", async () => {
	const table = parseSave(await recorded("ufw-iptables-save.txt"));
	const found = inspect(table, "ipv4", beforeChain("ufw-after-input")(table));
	assert.deepEqual(found.openings, [v4(60001), v4(60002, "0.0.0.0")]);
	assert.deepEqual([found.chainExists, found.reached, found.intact], [true, true, false]);
});
