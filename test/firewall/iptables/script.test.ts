import assert from "node:assert/strict";
import { test } from "node:test";
import { beforeChain } from "../../../src/firewall/iptables/insertion-point.js";
import { inspect } from "../../../src/firewall/iptables/inspect.js";
import { parseSave } from "../../../src/firewall/iptables/save.js";
import {
	appendScript,
	deleteScript,
	rebuildScript,
	removeScript,
} from "../../../src/firewall/iptables/script.js";
import { recorded } from "../../support/recorded.js";
import { v4, v6 } from "../conformance.js";

const MARK = "-m comment --comment mosh-portguard -j";

test("what is appended is deleted by the same words", () => {
	const lines = (letter: string) => [
		"*filter",
		`-${letter} MOSH-PORTGUARD -d 10.77.0.1/32 -p udp -m udp --dport 60001 ${MARK} ACCEPT`,
		`-${letter} MOSH-PORTGUARD -p udp -m udp --dport 60002 ${MARK} ACCEPT`,
		"COMMIT",
		"",
	];
	const openings = [v4(60001), v6(60002, "::")];
	assert.deepEqual(appendScript(openings).split("\n"), lines("A"));
	assert.deepEqual(deleteScript(openings).split("\n"), lines("D"));
});

test("a rebuild names stray rules by their words, never by their number", async () => {
	const table = parseSave(await recorded("ufw-iptables-save.txt"));
	const { openings, strayRules } = inspect(table, "ipv4", beforeChain("ufw-after-input")(table));
	assert.deepEqual(rebuildScript(openings, strayRules, { chain: "INPUT", index: 2 }).split("\n"), [
		"*filter",
		":MOSH-PORTGUARD - [0:0]",
		`-A MOSH-PORTGUARD -d 10.77.0.1/32 -p udp -m udp --dport 60001 ${MARK} ACCEPT`,
		`-A MOSH-PORTGUARD -p udp -m udp --dport 60002 ${MARK} ACCEPT`,
		`-D INPUT -p udp ${MARK} MOSH-PORTGUARD`,
		`-I INPUT 3 -p udp ${MARK} MOSH-PORTGUARD`,
		"COMMIT",
		"",
	]);
});

test("a removal takes the rules that lead to the chain before the chain, and no chain that is not there", () => {
	const text = `-A INPUT -p udp ${MARK} MOSH-PORTGUARD`;
	const stray = { words: text.split(" ").slice(2), text };
	assert.deepEqual(removeScript([stray], true).split("\n"), [
		"*filter",
		text.replace("-A", "-D"),
		"-F MOSH-PORTGUARD",
		"-X MOSH-PORTGUARD",
		"COMMIT",
		"",
	]);
	assert.ok(!removeScript([stray], false).includes("-X"));
});
