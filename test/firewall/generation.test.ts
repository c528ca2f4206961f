import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GenerationCount } from "../../src/firewall/generation.js";
import { attribute, message, NetlinkError, type NetlinkQuestions } from "../../src/system/netlink.js";
import { labMissing, startLab } from "../lab/hosts.js";
import { LabNetlink } from "../support/netlink.js";

const skip = (await labMissing("nft")) ?? false;

function setUp() {
	const kernel = { generation: 7, fails: false };
	const netlink: NetlinkQuestions = {
		ask: async () => {
			if (kernel.fails) {
				throw new NetlinkError("EPERM");
			}
			const number = Buffer.alloc(4);
			number.writeUInt32BE(kernel.generation);
			return message((10 << 8) | 15, 0, Buffer.alloc(4), attribute(1, number));
		},
	};
	return { kernel, netlink, count: new GenerationCount(netlink) };
}

describe("changes of others, by the kernel's count", () => {
	test("are none while every transaction was reported, and ours", async () => {
		const { kernel, count } = setUp();
		const mark = await count.othersMark();
		assert.equal(await count.othersMark(), mark);
		for (const generation of [8, 9]) {
			kernel.generation = generation;
			count.saw(generation, true);
		}
		assert.equal(await count.othersMark(), mark);
	});

	test("are none while the report of ours is on its way", async () => {
		const { kernel, count } = setUp();
		const mark = await count.othersMark();
		kernel.generation = 8;
		const asked = count.othersMark();
		setTimeout(() => count.saw(8, true), 10);
		assert.equal(await asked, mark);
	});

	test("are one that was reported, one that was not, and one between two reports", async () => {
		const { kernel, count } = setUp();
		const marks = [await count.othersMark()];
		kernel.generation = 8;
		count.saw(8, false);
		marks.push(await count.othersMark());
		kernel.generation = 9;
		marks.push(await count.othersMark());
		// Its report comes late.
		count.saw(9, true);
		kernel.generation = 11;
		count.saw(11, true);
		marks.push(await count.othersMark());
		assert.equal(new Set(marks).size, 4);
		assert.equal(await count.othersMark(), marks[3]);
	});

	test("are not hidden by who counts being another", async () => {
		const { kernel, netlink, count } = setUp();
		const mark = await count.othersMark();
		assert.equal(await new GenerationCount(netlink).othersMark(), mark);
		kernel.generation = 8;
		assert.notEqual(await new GenerationCount(netlink).othersMark(), mark);
	});

	test("are not known where the kernel does not say", async () => {
		const { kernel, count } = setUp();
		kernel.fails = true;
		assert.equal(await count.othersMark(), undefined);
		assert.equal(await new GenerationCount(undefined).othersMark(), undefined);
	});

	test("are what the kernel itself counts", { skip }, async () => {
		const lab = await startLab();
		try {
			const count = new GenerationCount(new LabNetlink(lab.server));
			const mark = await count.othersMark();
			assert.equal(await count.othersMark(), mark);
			await lab.server.sh("nft add table inet other");
			assert.notEqual(await count.othersMark(), mark);
		} finally {
			await lab.stop();
		}
	});
});
