import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SocketReader } from "../../../src/guard/kernel/socket-reader.js";
import type { SocketTable } from "../../../src/guard/kernel/sockets.js";

const RANGE = { first: 60001, last: 60999 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

function setUp(read: SocketTable["read"] = async () => []) {
	const asked: number[][] = [];
	const table: SocketTable = {
		read,
		readPorts: async (ports) => {
			asked.push([...ports]);
			return [];
		},
	};
	let time = 0;
	const reader = new SocketReader(table, () => RANGE, { now: () => (time += 1000) });
	return { reader, asked };
}

describe("readings of the sockets", () => {
	test("a port is read while a list is still under way", async () => {
		const { reader, asked } = setUp(() => new Promise(() => undefined));
		void reader.full();
		await reader.port(60001);
		assert.deepEqual(asked, [[60001]]);
	});

	test("who asks for ports at the same time shares a reading; one outside the range is none", async () => {
		const { reader, asked } = setUp();
		await Promise.all([60001, 60002, 60001, 22].map((port) => reader.port(port)));
		assert.ok(asked.length <= 2, `${asked.length} readings`);
		assert.deepEqual([...new Set(asked.flat())], [60001, 60002]);
	});

	test("many ports take several readings, and each who asked waits for his", async () => {
		const { reader, asked } = setUp();
		const ports = Array.from({ length: 200 }, (_, i) => 60001 + i);
		await Promise.all(ports.map((port) => reader.port(port)));
		assert.ok(asked.every((some) => some.length <= 64));
		assert.deepEqual(asked.flat().sort(), ports);
	});

	test("a list that failed is told until one succeeds, and then no quick will do", async () => {
		const quickReads: (boolean | undefined)[] = [];
		let failure: Error | undefined = new Error("no ss");
		const { reader } = setUp(async (_range, quick) => {
			quickReads.push(quick);
			if (failure !== undefined) {
				throw failure;
			}
			return [];
		});
		await reader.full();
		assert.throws(() => reader.sockets, /no ss/);
		failure = undefined;
		await reader.quick();
		await turn();
		assert.deepEqual(reader.sockets, []);
		assert.deepEqual(quickReads, [false, false]);
		await reader.quick();
		assert.equal(quickReads.at(-1), true);
	});
});
