/** What is removed by nft of the tables of iptables. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	countNative,
	nativeOpenings,
	rebuildOf,
	removalOf,
	removeNative,
} from "../../../src/firewall/iptables/native.js";
import { openingKey } from "../../../src/firewall/opening.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import type { Commands, RunOptions } from "../../../src/system/commands.js";
import { v4 } from "../conformance.js";

const LISTING = [
	"table ip filter { # handle 1",
	"\tchain INPUT { # handle 2",
	"\t\ttype filter hook input priority filter; policy drop;",
	'\t\tudp dport 60001 drop comment "MOSH-PORTGUARD" # handle 5',
	'\t\tmeta l4proto udp  counter packets 0 bytes 0 jump MOSH-PORTGUARD comment "mosh-portguard" # handle 7',
	"\t}",
	"",
	"\tchain MOSH-PORTGUARD { # handle 6",
	"\t}",
	"}",
	"",
].join("\n");

const REMOVAL = [
	"delete rule ip filter INPUT handle 7",
	"flush chain ip filter MOSH-PORTGUARD",
	"delete chain ip filter MOSH-PORTGUARD",
	"",
].join("\n");

test("is ours alone, by its handle", () => {
	assert.equal(removalOf(parsePlain(LISTING)), REMOVAL);
	assert.equal(removalOf(parsePlain(LISTING), "ipv6"), "");
	for (const other of ["table inet filter", "table ip nat"]) {
		assert.equal(removalOf(parsePlain(LISTING.replace("table ip filter", other))), "", other);
	}
});

test("the chain is filled anew, and the jump to it inserted before a rule of the administrator's", () => {
	const openings = [v4(60_001), { ...v4(60_002), address: "0.0.0.0" }];
	const at = (index: number) => rebuildOf(parsePlain(LISTING), "ipv4", openings, { chain: "INPUT", index });
	const first = [
		"add chain ip filter MOSH-PORTGUARD",
		"flush chain ip filter MOSH-PORTGUARD",
		'add rule ip filter MOSH-PORTGUARD ip daddr 10.77.0.1 udp dport 60001 counter accept comment "mosh-portguard"',
		'add rule ip filter MOSH-PORTGUARD udp dport 60002 counter accept comment "mosh-portguard"',
		"delete rule ip filter INPUT handle 7",
	];
	const jump = 'meta l4proto udp counter jump MOSH-PORTGUARD comment "mosh-portguard"\n';
	assert.equal(at(0), [...first, `insert rule ip filter INPUT handle 5 ${jump}`].join("\n"));
	assert.equal(at(1), [...first, `add rule ip filter INPUT ${jump}`].join("\n"));
});

test("openings are read however their rules were written", () => {
	const rules = [
		"ip daddr 10.77.0.1 udp dport 60001  counter packets 3 bytes 99 accept",
		'udp dport 60002 counter packets 0 bytes 0 accept comment "mosh-portguard"',
		"udp dport 60003 drop",
	].map((text, at) => ({ text, handle: String(at) }));
	const chain = { name: "MOSH-PORTGUARD", hook: undefined, devices: [], policy: undefined, rules };
	const found = nativeOpenings([{ family: "ip", name: "filter", dormant: false, chains: [chain] }], "ipv4");
	assert.deepEqual(
		found.map(({ opening, packets }) => [opening.address, opening.port, packets]),
		[
			["10.77.0.1", 60_001, 3],
			["0.0.0.0", 60_002, 0],
		],
	);
});

describe("a host", () => {
	/** One whose nft lists these, one after the other. */
	function host(...listings: string[]) {
		const inputs: (string | undefined)[] = [];
		const commands = {
			find: async () => "/usr/sbin/nft",
			run: async (_tool: string, args: readonly string[], { input }: RunOptions = {}) => {
				if (args[0] === "-f") {
					inputs.push(input);
				}
				const stdout = args.includes("list") ? (listings.shift() ?? "") : "";
				return { stdout, stderr: "", exitCode: 0 };
			},
		} as Partial<Commands> as Commands;
		return { inputs, commands };
	}

	test("is told what to delete, and asked whether that is gone", async () => {
		const { inputs, commands } = host(LISTING, "");
		assert.equal(await removeNative(commands), true);
		assert.deepEqual(inputs, [REMOVAL]);
	});

	test("that keeps it is an error", async () => {
		await assert.rejects(removeNative(host(LISTING, LISTING).commands), { code: "tool-failed" });
	});

	test("with nothing of ours, or without nft, is left alone", async () => {
		const { inputs, commands } = host("table ip filter { # handle 1\n}\n");
		assert.equal(await removeNative(commands), true);
		assert.equal(await removeNative({ ...commands, find: async () => undefined } as Commands), false);
		assert.deepEqual(inputs, []);
	});

	test("tells what each opening's rule has let in, where it counts", async () => {
		const rules = [
			"\t\tip daddr 10.77.0.1 udp dport 60001 counter packets 7 bytes 300 accept # handle 8",
			"\t\tudp dport 60002 accept # handle 9",
		];
		const opened = LISTING.replace(
			"\tchain MOSH-PORTGUARD { # handle 6\n",
			(line) => `${line}${rules.join("\n")}\n`,
		);
		const counted = await countNative(host(opened).commands, "ipv4");
		assert.deepEqual([...counted], [[openingKey(v4(60_001)), 7]]);
	});
});
