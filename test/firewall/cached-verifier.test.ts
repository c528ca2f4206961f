/** What a reading leaves behind that was cut short, or before whose end rules have changed: nothing for long. */

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { CachedVerifier } from "../../src/firewall/cached-verifier.js";
import type { Opening } from "../../src/firewall/firewall.js";
import { NoFirewall } from "../../src/firewall/none/none.js";
import { openingKey } from "../../src/firewall/opening.js";
import type { Commands } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";
import { NETWORK } from "../lab/verify.js";
import { v4 } from "./conformance.js";

afterEach(() => mock.reset());

/** By rules that these commands list; `found`: what it says of a port that is open. */
function foresightBy(commands: Commands) {
	const foresight = new CachedVerifier(commands, {
		firewall: new NoFirewall(),
		ports: () => ({ first: 60001, last: 60999 }),
		network: NETWORK,
		net: "/nowhere",
	});
	const opening: Opening = v4(60001);
	const found = async () => (await foresight.explain([opening], () => [opening])).get(openingKey(opening));
	return { foresight, found };
}

test("what was unknown because a tool was slow is asked again after a second, and not before", async () => {
	let now = 0;
	mock.method(performance, "now", () => now);
	let slow = true;
	let runs = 0;
	const commands: Commands = {
		find: async (tool) => (tool === "nft" ? "/usr/sbin/nft" : undefined),
		run: async (_tool, args) => {
			runs += 1;
			if (slow) {
				throw new CommandError("tool-timeout", "nft took too long.");
			}
			return { stdout: args.includes("-j") ? '{"nftables": []}' : "", stderr: "", exitCode: 0 };
		},
		follow: () => assert.fail("nothing to follow"),
		started: () => false,
	};
	const { foresight, found } = foresightBy(commands);
	const verdict = async () => (await found())?.verdict;
	assert.equal(await verdict(), "unknown");
	slow = false;
	const before = runs;
	now = 1000;
	assert.equal(await verdict(), "unknown");
	assert.equal(runs, before);
	now = 1001;
	assert.equal(await verdict(), "open");
	now = 1_000_000;
	const after = runs;
	assert.equal(await verdict(), "open");
	assert.equal(runs, after);
	foresight.invalidate();
	slow = true;
	assert.equal(await verdict(), "unknown");
});

test("what is said holds unless rules have changed since, a tool was slow, or a set of ipset was asked", async () => {
	const host = { saved: "", slow: "" };
	const commands: Commands = {
		find: async (tool) => (tool === "nft" ? undefined : `/usr/sbin/${tool}`),
		run: async (tool) => {
			if (tool === host.slow) {
				throw new CommandError("tool-timeout", `${tool} took too long.`);
			}
			return { stdout: tool === "iptables-nft-save" ? host.saved : "", stderr: "", exitCode: 0 };
		},
		follow: () => assert.fail("nothing to follow"),
		started: () => false,
	};
	const { foresight, found } = foresightBy(commands);
	const answered = async () => {
		foresight.invalidate();
		assert.equal(await foresight.holds(), false);
		return [(await found())?.verdict, await foresight.holds()];
	};
	const table = (...rules: string[]) => ["*filter", ":INPUT ACCEPT [0:0]", ...rules, "COMMIT", ""].join("\n");
	host.saved = table();
	assert.deepEqual(await answered(), ["open", true]);
	host.saved = table("-A INPUT -m set --match-set bad src -p tcp -j DROP");
	assert.deepEqual(await answered(), ["open", false]);
	host.saved = table();
	host.slow = "ip6tables-nft-save";
	assert.equal((await answered())[1], false);
});

test("rules that changed while they were read are read again for the same answer, once", async () => {
	let readings = 0;
	let drops = false;
	let during = () => {};
	const chain = () => {
		const policy = drops ? "drop" : "accept";
		const common = { family: "ip", table: "filter", name: "input", handle: 1 };
		return { chain: { ...common, type: "filter", hook: "input", prio: 0, policy } };
	};
	const commands: Commands = {
		find: async (tool) => (tool === "nft" ? "/usr/sbin/nft" : undefined),
		run: async (_tool, args) => {
			if (!args.includes("-j")) {
				return { stdout: "table ip filter { # handle 1\n}\n", stderr: "", exitCode: 0 };
			}
			readings += 1;
			const nftables = [{ table: { family: "ip", name: "filter", handle: 1 } }, chain()];
			during();
			return { stdout: JSON.stringify({ nftables }), stderr: "", exitCode: 0 };
		},
		follow: () => assert.fail("nothing to follow"),
		started: () => false,
	};
	const { foresight, found } = foresightBy(commands);
	const verdict = async () => (await found())?.verdict;
	during = () => {
		drops = true;
		foresight.invalidate();
	};
	assert.equal(await verdict(), "closed");
	assert.equal(readings, 2);
});

test("what is unknown for want of a listing names that, not the policy behind it", async () => {
	const rule = { xt: { type: "match", name: "conntrack" } };
	const at = { family: "ip", table: "filter", handle: 1 };
	const nftables = [
		{ table: { family: "ip", name: "filter", handle: 1 } },
		{ chain: { ...at, name: "INPUT", type: "filter", hook: "input", prio: 0, policy: "drop" } },
		{ rule: { ...at, handle: 2, chain: "INPUT", expr: [rule, { accept: null }] } },
	];
	const plain =
		"table ip filter { # handle 1\n\tchain INPUT { # handle 1\n\t\ttype filter hook input priority filter; policy drop;\n\t\tct state new accept # handle 2\n\t}\n}\n";
	const commands: Commands = {
		find: async (tool) => `/usr/sbin/${tool}`,
		run: async (tool, args) => {
			if (tool !== "nft") {
				throw new CommandError("tool-timeout", `${tool} took too long.`);
			}
			const stdout = args.includes("-j") ? JSON.stringify({ nftables }) : plain;
			return { stdout, stderr: "", exitCode: 0 };
		},
		follow: () => assert.fail("nothing to follow"),
		started: () => false,
	};
	const explanation = await foresightBy(commands).found();
	assert.equal(explanation?.verdict, "unknown");
	assert.match(explanation?.rule ?? "", /^iptables\S*-save took too long\./);
});
