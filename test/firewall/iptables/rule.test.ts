import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { explainInTable } from "../../../src/firewall/iptables/explain.js";
import { inspect } from "../../../src/firewall/iptables/inspect.js";
import { beforeChain } from "../../../src/firewall/iptables/place.js";
import { acceptRule, readAcceptRule } from "../../../src/firewall/iptables/rule.js";
import { parseSave } from "../../../src/firewall/iptables/save.js";
import { rebuildScript } from "../../../src/firewall/iptables/script.js";
import { splitWords } from "../../../src/firewall/path/words.js";
import { anyOpening } from "../../support/openings.js";
import { recorded } from "../../support/recorded.js";

const place = beforeChain("ufw-after-input");

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

describe("a listing of ufw with our chain in it", () => {
	test("foreign rules in our chain and a jump at the wrong place are seen", async () => {
		const table = parseSave(await recorded("ufw-iptables-save.txt"));
		const found = inspect(table, "ipv4", place(table));
		assert.deepEqual(found.openings, [
			{ family: "ipv4", address: "10.77.0.1", port: 60001 },
			{ family: "ipv4", address: "0.0.0.0", port: 60002 },
		]);
		assert.equal(found.chainExists, true);
		assert.equal(found.sound, false);
	});

	test("a rebuild names stray rules by their words, never by their number", async () => {
		const table = parseSave(await recorded("ufw-iptables-save.txt"));
		const { openings, strays } = inspect(table, "ipv4", place(table));
		const script = rebuildScript(openings, strays, { chain: "INPUT", index: 2 });
		assert.deepEqual(script.split("\n"), [
			"*filter",
			":MOSH-PORTGUARD - [0:0]",
			"-A MOSH-PORTGUARD -d 10.77.0.1/32 -p udp -m udp --dport 60001 -m comment --comment mosh-portguard -j ACCEPT",
			"-A MOSH-PORTGUARD -p udp -m udp --dport 60002 -m comment --comment mosh-portguard -j ACCEPT",
			"-D INPUT -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD",
			"-I INPUT 3 -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD",
			"COMMIT",
			"",
		]);
	});

	test("explains which rule decides", async () => {
		const table = parseSave(await recorded("ufw-iptables-save.txt"));
		const explain = (port: number) => explainInTable(table, { family: "ipv4", address: "10.77.0.1", port });
		assert.deepEqual(explain(60001).by, "guard");
		assert.deepEqual(explain(60002).verdict, "open");
		assert.deepEqual(explain(61000), { verdict: "closed", by: "policy", rule: ":INPUT DROP" });
	});
});

test("words are split as iptables-save quotes them", () => {
	assert.deepEqual(splitWords('-m comment --comment "ssh of \\"all\\" \\\\" -j ACCEPT'), [
		"-m",
		"comment",
		"--comment",
		'ssh of "all" \\',
		"-j",
		"ACCEPT",
	]);
});
