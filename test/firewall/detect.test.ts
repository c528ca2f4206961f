import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { choose, detect } from "../../src/firewall/detect.js";
import { type Lab, labMissing, startLab } from "../lab/hosts.js";
import { labFirewalld } from "./firewalld/subject.js";
import { restoreAdminRules } from "./iptables/subject.js";
import { loadRuleset } from "./nftables/subject.js";
import { enableUfw } from "./ufw/subject.js";

describe("choosing", () => {
	const ufw = { name: "ufw", reason: "its chains are reached" } as const;
	const nftables = { name: "nftables", reason: "inet filter input drops" } as const;

	test("the only active firewall, or none", () => {
		assert.deepEqual(choose([ufw]), { ...ufw, serve: [ufw], unserved: [], active: [ufw] });
		const none = choose([]);
		assert.deepEqual([none.name, none.serve], ["none", []]);
	});

	test("all that drop, each by its name", () => {
		const found = choose([ufw, nftables]);
		assert.deepEqual([found.name, found.serve, found.unserved], ["ufw + nftables", [ufw, nftables], []]);
		const kinds = (["nft", "legacy"] as const).map(
			(variant) => ({ name: "iptables", reason: variant, variant }) as const,
		);
		assert.equal(choose(kinds).name, "iptables-nft + iptables-legacy");
		const { name, serve, unserved } = choose(kinds, undefined, "legacy");
		assert.deepEqual([name, serve], ["iptables", [kinds[1]]]);
		assert.deepEqual(unserved, ["iptables drops too, and nothing is opened in it: nft"]);
	});

	test("the configuration decides, and the reason says what the host shows", () => {
		const found = choose([ufw, nftables], "nftables");
		assert.match(found.reason, /configuration; inet filter input drops/);
		assert.deepEqual(found.serve, [nftables]);
		assert.deepEqual(found.unserved, ["ufw drops too, and nothing is opened in it: its chains are reached"]);
		const other = choose([ufw], "iptables");
		assert.match(other.reason, /nothing indicates/);
		assert.deepEqual(
			other.serve.map(({ name }) => name),
			["iptables"],
		);
		assert.deepEqual(choose([ufw], "none").serve, []);
	});
});

const TOOLS = ["ufw", "nft", "iptables-nft", "iptables-legacy", "firewalld", "firewall-cmd", "dbus-daemon"];

describe("detecting on a real host", { skip: (await labMissing(...TOOLS)) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
	});
	after(() => lab.stop());

	const names = async () => {
		const { name, active } = await detect(lab.server.commands, { bus: labFirewalld(lab).bus });
		return { name, active: active.map((each) => each.name) };
	};

	const onlyOne = async (name: string) => assert.deepEqual(await names(), { name, active: [name] });

	test("nothing in force", async () => {
		assert.deepEqual(await names(), { name: "none", active: [] });
	});

	test("iptables over x_tables", async () => {
		await restoreAdminRules(lab, "legacy");
		await onlyOne("iptables");
		const clean = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
		await lab.server.sh(
			`printf '${clean}' | iptables-legacy-restore; printf '${clean}' | ip6tables-legacy-restore`,
		);
		assert.equal((await names()).name, "none");
	});

	test("iptables over nf_tables", async () => {
		await restoreAdminRules(lab, "nft");
		await onlyOne("iptables");
		await lab.server.sh("nft flush ruleset");
	});

	test("nftables", async () => {
		await loadRuleset(
			lab,
			"table inet a {\nchain input {\ntype filter hook input priority 0; policy drop;\n}\n}\n",
		);
		await onlyOne("nftables");
	});

	test("nftables and ufw, then ufw alone", async () => {
		await enableUfw(lab);
		assert.deepEqual(await names(), { name: "ufw + nftables", active: ["ufw", "nftables"] });
		await lab.server.sh("nft delete table inet a");
		await onlyOne("ufw");
		await lab.server.sh("ufw disable; nft flush ruleset");
	});

	test("firewalld", async () => {
		const firewalld = labFirewalld(lab);
		await firewalld.start();
		await onlyOne("firewalld");
		// As it is for a moment in which firewalld loads its rules anew.
		const chain = "{ type filter hook input priority -210; policy drop; }";
		await lab.server.sh(`nft 'table inet firewalld_policy_drop { chain filter_input ${chain}; }'`);
		await onlyOne("firewalld");
		await lab.server.sh("nft delete table inet firewalld_policy_drop");
		const table = await lab.server.sh("nft -s list table inet firewalld");
		await firewalld.stopDaemon();
		assert.equal((await names()).name, "none");
		// As it stays of a firewalld that was killed.
		await lab.server.sh(`nft -f - <<'END'\n${table.replace(/flags owner.*\n/, "")}\nEND`);
		const { name, unserved } = await detect(lab.server.commands, { bus: firewalld.bus });
		assert.equal(name, "none");
		assert.match(unserved.join(), /^table inet firewalld drops .* firewalld is not running/);
	});
});
