import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	beforeChain,
	beforeDefaultDrop,
	dropsByDefault,
} from "../../../src/firewall/iptables/insertion-point.js";

import { parseSave } from "../../../src/firewall/iptables/save.js";

import { recorded } from "../../support/recorded.js";

function table(policy: string, ...lines: string[]) {
	const chains = [...new Set(lines.map((line) => line.split(" ")[1]))].filter((name) => name !== "INPUT");
	const heads = [`:INPUT ${policy} [0:0]`, ...chains.map((name) => `:${name} - [0:0]`)];
	return parseSave(["*filter", ...heads, ...lines, "COMMIT"].join("\n"));
}

describe("the place of our jump in plain iptables", () => {
	test("at the end where the policy drops", () => {
		const rules = table("DROP", "-A INPUT -i lo -j ACCEPT", "-A INPUT -s 192.0.2.1/32 -j DROP");
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "INPUT", index: 2 });
		assert.equal(dropsByDefault(rules), true);
	});

	test("nowhere in a table without any rule: it may not exist yet", () => {
		assert.equal(beforeDefaultDrop(table("ACCEPT")), undefined);
		assert.deepEqual(beforeDefaultDrop(table("DROP")), { chain: "INPUT", index: 0 });
		assert.deepEqual(beforeDefaultDrop(table("ACCEPT", "-A INPUT -i lo -j ACCEPT")), {
			chain: "INPUT",
			index: 1,
		});
	});

	test("before a reject of everything and the log rule that belongs to it", async () => {
		const rules = parseSave(await recorded("redhat-iptables-legacy-save.txt"));
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "INPUT", index: 4 });
		assert.equal(dropsByDefault(rules), true);
	});

	test("inside the admin's chain when the drop is there, after his denies", () => {
		const rules = table(
			"ACCEPT",
			"-A INPUT -j mine",
			"-A mine -s 192.0.2.0/24 -j DROP",
			"-A mine -p tcp -m tcp --dport 22 -j ACCEPT",
			"-A mine -p udp -m conntrack --ctstate NEW -j DROP",
		);
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "mine", index: 2 });
	});

	test("before a chain that does nothing but log and drop", () => {
		const rules = table(
			"ACCEPT",
			"-A INPUT -i lo -j ACCEPT",
			"-A INPUT -j off",
			"-A off -j LOG",
			"-A off -j DROP",
		);
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "INPUT", index: 1 });
	});

	test("after a chain that only denies some, and at the end of the chain of a goto", () => {
		const rules = table(
			"DROP",
			"-A INPUT -j deny",
			"-A INPUT -g tail",
			"-A deny -s 192.0.2.1/32 -j DROP",
			"-A tail -j LOG",
		);
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "tail", index: 1 });
	});

	test("before what returns from the chain of a goto", () => {
		const rules = table("DROP", "-A INPUT -g zone", "-A zone -s 192.0.2.1/32 -j DROP", "-A zone -j RETURN");
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "zone", index: 1 });
	});

	test("chains that call each other do not hang the search", () => {
		const rules = table("DROP", "-A INPUT -j a", "-A a -j b", "-A b -j a");
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "INPUT", index: 1 });
	});

	test("rules of ours do not count", () => {
		const jump = "-A INPUT -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD";
		const rules = table("DROP", jump, "-A INPUT -i lo -j ACCEPT", jump);
		assert.deepEqual(beforeDefaultDrop(rules), { chain: "INPUT", index: 1 });
	});

	test("a host that accepts by default drops nothing", () => {
		assert.equal(dropsByDefault(table("ACCEPT", "-A INPUT -s 192.0.2.1/32 -j DROP")), false);
		assert.equal(dropsByDefault(table("DROP", "-A INPUT -j ACCEPT")), false);
		assert.equal(dropsByDefault(parseSave("")), false);
	});
});

test("in ufw, before its own defaults and after the user's rules", async () => {
	const v4 = parseSave(await recorded("ufw-iptables-save.txt"));
	const v6 = parseSave(await recorded("ufw-ip6tables-save.txt"));
	assert.deepEqual(beforeChain("ufw-after-input")(v4), { chain: "INPUT", index: 2 });
	assert.deepEqual(beforeChain("ufw6-after-input")(v6), { chain: "INPUT", index: 2 });
	assert.equal(beforeChain("ufw-after-input")(parseSave("")), undefined);
});

test("a condition of any kind spares some datagram", () => {
	const matches = (text: string) => dropsByDefault(table("ACCEPT", `-A INPUT ${text}`));
	for (const text of [
		"-j DROP",
		"-p udp -j REJECT",
		'-m comment --comment "all of it" -j DROP',
		"-m state --state NEW -j DROP",
	]) {
		assert.equal(matches(text), true, text);
	}
	const partial = [
		"-i eth0 -j DROP",
		"-s 192.0.2.0/24 -j DROP",
		"! -s 192.0.2.0/24 -j DROP",
		"-p tcp -j DROP",
		"-p udp -m udp --dport 53 -j DROP",
		"-m conntrack --ctstate INVALID -j DROP",
		"-m limit --limit 5/min -j ACCEPT",
		"-m set --match-set bad src -j DROP",
		"-m hashlimit --hashlimit-above 5/sec -j DROP",
	];
	for (const text of partial) {
		assert.equal(matches(text), false, text);
	}
});
