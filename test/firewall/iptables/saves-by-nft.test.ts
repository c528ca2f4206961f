/** Which questions of iptables-save are answered by nft. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SavesByNft, tablesWithSets } from "../../../src/firewall/iptables/saves-by-nft.js";
import type { Commands, Output } from "../../../src/system/commands.js";
import { CommandError } from "../../../src/system/errors.js";

const SETS = "table ip nat {\n}\ntable ip filter {\n\tset many {\n\t\ttype ipv4_addr\n\t}\n}\n";

interface Listed {
	readonly text: string;
	readonly expr: readonly object[];
}

const ACCEPT = { text: "accept", expr: [{ accept: null }] };
const ASKS = {
	text: "ip saddr @many drop",
	expr: [
		{ match: { op: "==", left: { payload: { protocol: "ip", field: "saddr" } }, right: "@many" } },
		{ drop: null },
	],
};
const UNKNOWN = { text: "xt target CT", expr: [{ xt: { type: "target", name: "CT" } }] };
const COMMENTED = { xt: { type: "match", name: "comment" } };
const OURS = {
	text: "meta l4proto udp  counter packets 0 bytes 0 jump MOSH-PORTGUARD",
	expr: [COMMENTED, { jump: { target: "MOSH-PORTGUARD" } }],
};

/** What `nft -t -a` and `nft -t -j` list of a table with one rule. */
function listings({ text, expr }: Listed) {
	const of = { family: "ip", table: "filter" };
	const base = { ...of, name: "INPUT", hook: "input", type: "filter", prio: 0, policy: "drop" };
	return {
		plain: [
			"table ip filter { # handle 1",
			"\tchain INPUT { # handle 2",
			"\t\ttype filter hook input priority filter; policy drop;",
			`\t\t${text} # handle 3`,
			"\t}",
			"}",
			"",
		].join("\n"),
		json: JSON.stringify({
			nftables: [
				{ table: { family: "ip", name: "filter" } },
				{ chain: base },
				{ rule: { ...of, chain: "INPUT", handle: 3, expr } },
			],
		}),
	};
}

/** One whose nft lists these sets and this rule in table `ip filter`; `ran`: what was run. */
function host(sets: string | undefined, rule: Listed = ACCEPT) {
	const ran: string[] = [];
	const { plain, json } = listings(rule);
	const base = {
		find: async () => (sets === undefined ? undefined : "/usr/sbin/nft"),
		run: async (tool: string, args: readonly string[]): Promise<Output> => {
			ran.push([tool, ...args].join(" "));
			if (sets === "failing") {
				throw new CommandError("tool-failed", "nft failed.");
			}
			const listing = args.includes("-a") ? plain : args.includes("-j") ? json : (sets ?? "");
			return { stdout: tool === "nft" ? listing : "by iptables", stderr: "", exitCode: 0 };
		},
	} as Partial<Commands> as Commands;
	const commands = new SavesByNft(base);
	const save = (tool = "iptables-nft-save", ...args: string[]) =>
		commands.run(tool, args.length === 0 ? ["-t", "filter"] : args).then(({ stdout }) => stdout);
	return { ran, commands, save };
}

test("those of a table with sets, and of no other", async () => {
	const { ran, save } = host(SETS);
	assert.equal(await save(), "*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n");
	assert.equal(
		ran.some((line) => line.startsWith("iptables")),
		false,
	);
	assert.equal(await save("ip6tables-nft-save"), "by iptables");
	assert.equal(await save("iptables-nft-save", "-t", "nat"), "by iptables");
	assert.equal(await save("iptables-nft-save", "-t", "filter", "-c"), "by iptables");
	assert.equal(await save("iptables-legacy-save"), "by iptables");
});

test("a table whose rules ask sets of nftables is one that iptables does not print", async () => {
	const { ran, save } = host(SETS, ASKS);
	assert.equal(await save(), "# Table `filter' is incompatible, use 'nft' tool.\n");
	assert.equal(
		ran.some((line) => line.startsWith("iptables")),
		false,
	);
});

test("what iptables was given by us has our comment, which nft does not show", async () => {
	assert.match(
		await host(SETS, OURS).save(),
		/^-A INPUT -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD$/m,
	);
});

test("not where nft is missing, fails, or prints what is not understood", async () => {
	assert.equal(await host(undefined).save(), "by iptables");
	assert.equal(await host(SETS, UNKNOWN).save(), "by iptables");
	const failing = host("failing");
	await assert.rejects(failing.save(), /nft failed/);
	assert.equal(failing.ran.at(-1), "iptables-nft-save -t filter");
});

test("sets are looked for once, until others have changed rules", async () => {
	const { ran, commands, save } = host(SETS);
	const looks = () => ran.filter((line) => line.includes("list sets")).length;
	await Promise.all([save(), save("ip6tables-nft-save")]);
	await save();
	assert.equal(looks(), 1);
	commands.forget();
	await save();
	assert.equal(looks(), 2);
});

test("which tables have sets or maps", () => {
	const maps = "table ip6 mangle {\n\tmap verdicts {\n\t\ttype mark : verdict\n\t}\n}\n";
	assert.deepEqual([...tablesWithSets(SETS + maps)], ["ip filter", "ip6 mangle"]);
});
