import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Memory } from "../../../src/server/host/memory.js";
import { bundled } from "../../support/bundled.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

const BUILD = fileURLToPath(new URL("../../../native/build-module.sh", import.meta.url));
const MEMORY = bundled(new URL("../../../src/server/host/memory.ts", import.meta.url));
const NOWHERE = "/nonexistent/trim.node";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** MiB of the C library's heap that are in memory. */
function heapMiB(): number {
	const maps = readFileSync("/proc/self/smaps", "latin1");
	const [, size] = /\[heap\]\n(?:.*\n)*?Rss:\s+(\d+) kB/.exec(maps) ?? [];
	return Number(size) / 1024;
}

describe("of what a session has needed", () => {
	for (const all of [false, true]) {
		test(`what nobody holds is gone at once, ${all ? "at the end" : "in between"}`, async () => {
			const memory = new Memory(NOWHERE);
			const held = new WeakRef({});
			// A reference that has been made stays alive to the end of its turn.
			await nextTurn();
			all ? memory.releaseAll() : memory.release();
			assert.equal(held.deref(), undefined);
		});
	}

	test("the C library gives back what is free between what is not", async () => {
		const module = join(scratchFolder(), "trim.node");
		execFileSync(BUILD, ["trim", module], { stdio: "inherit" });
		// Small enough to lie in the heap. Each 100th stays.
		const held = Array.from({ length: 40_000 }, () => Buffer.allocUnsafeSlow(1_000).fill(1)).filter(
			(_, index) => index % 100 === 0,
		);
		await nextTurn();
		const full = heapMiB();
		assert.ok(full > 30, `${full} MiB`);
		new Memory(module).release();
		await until("half of it is free", () => heapMiB() < full / 2, {
			limitMs: 20_000,
			explain: () => `${full} MiB became ${heapMiB()}`,
		});
		assert.equal(held.length, 400);
	});

	test("the space for new objects becomes small, although some of them are in use", () => {
		const script = `
			const { Memory } = await import(process.argv[1]);
			const { getHeapSpaceStatistics } = await import("node:v8");
			const held = Array.from({ length: 3_000 }, (_, index) => ({ index }));
			new Memory("${NOWHERE}").release();
			const size = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size;
			console.log(held.length, size);`;
		const words = ["--input-type=module", "-e", script, MEMORY];
		const [held, size] = execFileSync(process.execPath, words, { encoding: "utf8" }).trim().split(" ");
		assert.equal(held, "3000");
		assert.ok(Number(size) <= 1 << 20, `${size} bytes`);
	});

	test("new objects are collected sooner in a calm session than in a busy one", async () => {
		const memory = new Memory(NOWHERE);
		memory.release();
		const calm = await bytesToCollection();
		memory.busy();
		const busy = await bytesToCollection();
		assert.ok(calm < busy / 2, `after ${calm} and ${busy} bytes`);
	});
});

function isMinor(entry: PerformanceEntry): boolean {
	const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
	return kind === constants.NODE_PERFORMANCE_GC_MINOR;
}

/** How much is allocated from one collection of new objects to the next. */
async function bytesToCollection(): Promise<number> {
	let collections = 0;
	const observer = new PerformanceObserver((list) => {
		collections += list.getEntries().filter(isMinor).length;
	});
	observer.observe({ entryTypes: ["gc"] });
	const next = async (): Promise<number> => {
		const before = collections;
		let bytes = 0;
		while (collections === before) {
			bytes += new Array(1_000).fill(0).length * 8;
			await nextTurn();
		}
		return bytes;
	};
	await next();
	const bytes = (await next()) + (await next());
	observer.disconnect();
	return bytes / 2;
}
