import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attempt, Findings } from "../../../src/firewall/path/findings.js";
import type { Commands } from "../../../src/system/commands.js";
import { CommandError } from "../../../src/system/errors.js";

describe("what is found amiss", () => {
	test("is told once, with its table where it is about one", () => {
		const findings = new Findings();
		findings.add("no-json", "a sentence", "ip filter");
		findings.add("no-json", "a sentence");
		findings.add("tool-missing", "another");
		assert.deepEqual(findings.facts, [
			{ code: "no-json", sentence: "a sentence", table: "ip filter" },
			{ code: "tool-missing", sentence: "another" },
		]);
	});

	test("is that the kernel has nothing of the kind, or that the tool failed", () => {
		for (const [failure, absent] of [
			["nft: Protocol not supported", true],
			["cache initialization failed: Invalid argument", true],
			["Address family not supported by protocol", true],
			["cache initialization failed: Operation not permitted", false],
			["Another app is currently holding the xtables lock.", false],
		] as const) {
			const findings = new Findings();
			assert.equal(findings.explains(failure), absent, failure);
			assert.deepEqual(
				findings.facts.map(({ code }) => code),
				[absent ? "not-in-kernel" : "tool-failed"],
			);
		}
	});

	test("leaves rules that may do anything in the place of those that could not be read", () => {
		const findings = new Findings();
		const rules = findings.opaque("the tables", "it is so", "mine", "ipv6");
		assert.deepEqual(findings.unread, [{ what: "the tables", why: "it is so", counts: true }]);
		assert.deepEqual(
			rules.map(({ table, hook, families, chain }) => [table, hook, families, chain.rules[0]?.text]),
			[
				["mine", "input", ["ipv6"], "it is so"],
				["mine", "output", ["ipv6"], "it is so"],
			],
		);
	});
});

test("a command that fails gives its message, any other error is thrown", async () => {
	const failing = (error: Error) => ({ run: () => Promise.reject(error) }) as unknown as Commands;
	const failed = failing(new CommandError("tool-failed", "nft failed"));
	assert.deepEqual(await attempt(failed, "nft", "list"), { failure: "nft failed" });
	await assert.rejects(attempt(failing(new TypeError("a mistake of ours")), "nft"), TypeError);
});
