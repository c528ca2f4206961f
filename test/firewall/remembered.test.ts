import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Remembered } from "../../src/firewall/remembered.js";

test("a result is computed once, until eight others have been", () => {
	const remembered = new Remembered<string>();
	const computed: string[] = [];
	const get = (key: string) =>
		remembered.get(key, () => {
			computed.push(key);
			return `of ${key}`;
		});
	assert.deepEqual([get("a"), get("a")], ["of a", "of a"]);
	assert.deepEqual(computed, ["a"]);
	for (const key of "bcdefgh") {
		get(key);
	}
	get("a");
	assert.equal(computed.length, 8);
	get("i");
	get("a");
	assert.deepEqual(computed.slice(8), ["i", "a"]);
});

test("what a result depends on is not kept, however long it is", () => {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	const used = () => {
		collect();
		return process.memoryUsage().heapUsed;
	};
	const remembered = new Remembered<number>();
	const text = (first: number) =>
		JSON.stringify(Array.from({ length: 100_000 }, (_, index) => first + index));
	const before = used();
	for (let first = 0; first < 4; first += 1) {
		remembered.get(text(first), () => first);
	}
	const grown = used() - before;
	assert.ok(grown < 1 << 20, `${grown} bytes`);
	assert.equal(
		remembered.get(text(0), () => assert.fail("known")),
		0,
	);
});
