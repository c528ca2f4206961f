import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OwnProcesses } from "../../src/system/own-processes.js";

describe("processes of ours, as the kernel names them", () => {
	test("are known by their numbers, the last of them", () => {
		const own = new OwnProcesses(true);
		for (let pid = 1; pid <= 65; pid++) {
			own.add(pid, "nft", true);
		}
		assert.deepEqual(
			[1, 2, 65, 66].map((pid) => own.includes(pid, "nft")),
			[false, true, true, false],
		);
	});

	test("are known in another numbering by the name of a command that is at work, each once", (t) => {
		const now = t.mock.method(performance, "now", () => 0).mock;
		const own = new OwnProcesses(false);
		const ended = own.add(10, "/usr/sbin/iptables-nft-restore", true);
		own.add(11, "nft", false);
		assert.equal(own.includes(20_001, "nft"), false, "a command that only reads");
		assert.equal(own.includes(20_002, "iptables-nft-re"), true);
		assert.equal(own.includes(20_002, "iptables-nft-re"), true, "asked about again");
		assert.equal(own.includes(20_003, "iptables-nft-re"), false, "another of that name");
		ended();
		own.add(12, "nft", true)();
		now.mockImplementation(() => 1_000);
		assert.equal(own.includes(20_004, "nft"), false, "long after its end");
	});
});
