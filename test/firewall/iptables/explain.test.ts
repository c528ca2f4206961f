import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import { explainInTable } from "../../../src/firewall/iptables/explain.js";
import { parseSave } from "../../../src/firewall/iptables/save.js";
import { recorded } from "../../support/recorded.js";
import { v4 } from "../conformance.js";

/** `verdict by whom: rule` for a port, by a table of these lines. */
function explain(lines: readonly string[], opening: Opening = v4(60001)): string {
	const { verdict, by, rule } = explainInTable(parseSave(["*filter", ...lines].join("\n")), opening);
	return `${verdict} by ${by}: ${rule}`;
}

const DROP = ":INPUT DROP [0:0]";

describe("the rule that decides", () => {
	test("is the policy where no rule matches", () => {
		assert.equal(explain([DROP]), "closed by policy: :INPUT DROP");
		assert.equal(explain([":INPUT ACCEPT [0:0]"]), "open by policy: :INPUT ACCEPT");
		assert.equal(explain([]), "open by policy: no filter table");
	});

	for (const condition of [
		"-p udp -m udp --dport 60001",
		"-p udp -m udp --dport 60000:60010",
		"-p udp -m multiport --dports 53,60001",
		"-d 10.77.0.1/32 -p udp -m udp --sport 1:65535 --dport 60001",
		"-p udp -m conntrack --ctstate NEW,RELATED -m udp --dport 60001",
		"-m addrtype --dst-type LOCAL -p udp -m udp --dport 60001",
	]) {
		test(`is one that matches: ${condition}`, () => {
			const rule = `-A INPUT ${condition} -j ACCEPT`;
			assert.equal(explain([DROP, rule]), `open by admin: ${rule}`);
		});
	}

	for (const condition of [
		"-p udp -m udp --dport 60002",
		"-p tcp -m tcp --dport 60001",
		"-d 10.77.0.2/32 -p udp -m udp --dport 60001",
		"-s 192.0.2.0/24 -p udp -m udp --dport 60001",
		"-i eth1 -p udp -m udp --dport 60001",
		"-p udp -m udp --sport 53 --dport 60001",
		"-p udp -m conntrack --ctstate ESTABLISHED -m udp --dport 60001",
		"-p udp -m limit --limit 3/min -m udp --dport 60001",
	]) {
		test(`is not one that may not match: ${condition}`, () => {
			assert.equal(explain([DROP, `-A INPUT ${condition} -j ACCEPT`]), "closed by policy: :INPUT DROP");
		});
	}

	test("is the first one, in a chain that is jumped to, unless that chain returns", () => {
		const lines = (inner: string) => [
			DROP,
			":mine - [0:0]",
			"-A INPUT -j mine",
			"-A INPUT -p udp -j ACCEPT",
			inner,
		];
		const reject = "-A mine -p udp -m udp --dport 60001 -j REJECT --reject-with icmp-port-unreachable";
		assert.equal(explain(lines(reject)), `closed by admin: ${reject}`);
		const returning = lines("-A mine -p udp -j RETURN");
		assert.equal(explain(returning), "open by policy: -A INPUT -p udp -j ACCEPT");
	});

	test("comes after a goto only if its chain decides", () => {
		const lines = [DROP, ":mine - [0:0]", "-A INPUT -g mine", "-A INPUT -p udp -j ACCEPT", "-A mine -j LOG"];
		assert.equal(explain(lines), "closed by policy: :INPUT DROP");
	});

	test("is not sought for ever in chains that call each other", () => {
		const lines = [DROP, ":a - [0:0]", ":b - [0:0]", "-A INPUT -j a", "-A a -j b", "-A b -j a"];
		assert.equal(explain(lines), "closed by policy: :INPUT DROP");
	});

	test("on every address is none that names one", () => {
		const rule = "-A INPUT -d 10.77.0.1/32 -p udp -m udp --dport 60001 -j ACCEPT";
		assert.equal(explain([DROP, rule], v4(60001, "0.0.0.0")), "closed by policy: :INPUT DROP");
	});
});

test("a listing of ufw: our rule, the administrator's, the default", async () => {
	const table = parseSave(await recorded("ufw-iptables-save.txt"));
	assert.equal(explainInTable(table, v4(60001)).by, "guard");
	assert.equal(explainInTable(table, v4(60002)).verdict, "open");
	assert.deepEqual(explainInTable(table, v4(61000)), {
		verdict: "closed",
		by: "policy",
		rule: ":INPUT DROP",
	});
});
