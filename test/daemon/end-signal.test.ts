import assert from "node:assert/strict";
import { test } from "node:test";
import { EndSignal } from "../../src/daemon/end-signal.js";

test("either signal ends the daemon, and handlers are there until they are forgotten", async () => {
	for (const name of ["SIGTERM", "SIGINT"] as const) {
		const before = process.listenerCount(name);
		const signal = new EndSignal();
		assert.equal(process.listenerCount(name), before + 1);
		process.emit(name);
		await signal.came;
		assert.equal(process.listenerCount(name), before + 1, "a second one must not end the process at once");
		signal.forget();
		assert.equal(process.listenerCount(name), before);
	}
});
