/** Which flows are cut after a close, and when. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Opening } from "../../src/firewall/firewall.js";
import { FlowCuts } from "../../src/guard/flow-cuts.js";

const at = (port: number): Opening => ({ family: "ipv4", address: "192.0.2.1", port });

function setUp(fails = false) {
	const cut: number[][] = [];
	const log: unknown[] = [];
	const used = new Set<number>();
	const cuts = new FlowCuts({
		flows: {
			cut: async (openings) => {
				await new Promise((resolve) => setImmediate(resolve));
				if (fails) {
					throw new Error("no conntrack");
				}
				cut.push(openings.map(({ port }) => port));
			},
		},
		isUsed: (port) => used.has(port),
		log: (event, fields) => log.push([event, fields?.cause]),
	});
	return { cuts, cut, log, used };
}

test("closed ports are cut one change after another, all of them before it is done", async () => {
	const { cuts, cut } = setUp();
	cuts.add([at(60001), at(60002)]);
	cuts.add([]);
	cuts.add([at(60003)]);
	assert.deepEqual(cut, []);
	await cuts.done();
	assert.deepEqual(cut, [[60001, 60002], [60003]]);
});

test("a port that another session has by then keeps its flows", async () => {
	const { cuts, cut, used } = setUp();
	cuts.add([at(60001), at(60002)]);
	cuts.add([at(60003)]);
	used.add(60001).add(60003);
	await cuts.done();
	assert.deepEqual(cut, [[60002]]);
});

test("a failure is logged, and keeps nothing else from being cut", async () => {
	const { cuts, log } = setUp(true);
	cuts.add([at(60001)]);
	cuts.add([at(60002)]);
	await cuts.done();
	assert.deepEqual(log, [
		["flows.failed", "no conntrack"],
		["flows.failed", "no conntrack"],
	]);
});
