/** How long a guard on demand stays. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Log } from "../../src/daemon/log.js";
import { noLongerNeeded } from "../../src/daemon/on-demand.js";
import { pathsIn } from "../../src/daemon/paths.js";
import { memoryGuard } from "../support/memory-guard.js";
import { scratchFolder } from "../support/scratch.js";

const log: Log = { event: () => undefined, level: "info" };

function setUp() {
	const folder = join(scratchFolder(), "run");
	const base = pathsIn("/nonexistent", folder);
	const paths = { ...base, nudge: `${folder}-nudge`, noticed: `${folder}-noticed` };
	writeFileSync(paths.nudge, "");
	return { ...memoryGuard(), paths };
}

test("a guard on demand is needed for the announced time, then as long as a session has its port", async () => {
	const { host, guard, paths } = setUp();
	await guard.start();
	try {
		const { pid } = host.serve(60001);
		const began = performance.now();
		let ended = false;
		const end = noLongerNeeded(guard, 1, paths, log, new AbortController().signal).then(() => {
			ended = true;
		});
		assert.ok(guard.alertMs > 900);
		await new Promise((resolve) => setTimeout(resolve, 1500));
		assert.equal(guard.alertMs, 0);
		assert.ok(!ended, "a session has its port");
		host.kill(pid);
		await end;
		assert.ok(performance.now() - began >= 1900);
	} finally {
		await guard.stop({ leaveOpen: true });
	}
});

test("the wait ends at once when the guard ends for another reason", async () => {
	const { guard, paths } = setUp();
	const over = new AbortController();
	const end = noLongerNeeded(guard, 60, paths, log, over.signal);
	over.abort();
	await assert.rejects(end, { name: "AbortError" });
});
