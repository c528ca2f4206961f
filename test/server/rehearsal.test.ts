import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector";
import { test } from "node:test";

/** What real programs have written; of each its beginning. */
const STREAMS = new URL("../fixtures/streams/", import.meta.url);
const STREAM_BYTES = 100_000;

const inspector = new Session();
inspector.connect();
inspector.post("Profiler.enable");

/** The functions of xterm.js that have been called since coverage was started. */
function called(): Set<string> {
	let result: Profiler.ScriptCoverage[] = [];
	inspector.post("Profiler.takePreciseCoverage", (error, coverage) => {
		assert.equal(error, null);
		({ result } = coverage);
	});
	const script = result.find(({ url }) => url.includes("xterm-headless"));
	const functions = script?.functions ?? [];
	return new Set(
		functions
			.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
			.map(({ functionName, ranges }) => `${functionName} at ${ranges[0]?.startOffset}`),
	);
}

test("calls what real programs have xterm.js do", async () => {
	inspector.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
	const { rehearse } = await import("../../src/server/rehearsal.js");
	const { Emulator } = await import("../../src/terminal/index.js");
	rehearse();
	const rehearsed = called();
	inspector.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
	for (const name of readdirSync(STREAMS).filter((each) => each.endsWith(".bin"))) {
		const emulator = new Emulator({ columns: 80, rows: 24, historyLines: 2000, onReply() {} });
		emulator.write(readFileSync(new URL(name, STREAMS)).subarray(0, STREAM_BYTES));
		emulator.snapshot();
	}
	const needed = called();
	const missing = [...needed].filter((each) => !rehearsed.has(each));
	assert.ok(needed.size > 100, `${needed.size} functions`);
	assert.deepEqual(missing, []);
});
