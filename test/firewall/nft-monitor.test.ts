import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GenerationReader } from "../../src/firewall/nft-monitor.js";

describe("changes as nft's monitor prints them", () => {
	const read = (...lines: string[]) => {
		const reader = new GenerationReader(
			(line) => line.includes(" ip filter "),
			(pid) => pid === 10,
		);
		return lines.flatMap((line) => reader.read(line) ?? []);
	};

	test("name the program that made them, unless it was ours or they do not concern us", () => {
		const ours = [
			"add rule ip filter MOSH-PORTGUARD udp dport 60001 accept",
			"# new generation 7 by process 10 (iptables-nft-re)",
		];
		const others = [
			"delete rule ip filter INPUT handle 5",
			"# new generation 8 by process 11 (iptables-nft)",
		];
		const irrelevant = ["add table inet x", "# new generation 9 by process 12 (nft)"];
		assert.deepEqual(read(...ours, ...others, ...irrelevant), ["iptables-nft"]);
	});

	test("are not taken for those of the next program", () => {
		const lines = [
			"add rule ip filter INPUT accept",
			"# new generation 7 by process 10 (x)",
			"# new generation 8 by process 11 (y)",
		];
		assert.deepEqual(read(...lines), []);
	});
});
