import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemTimers } from "../../../src/server/session/timer-service.js";

describe("the system's timers", () => {
	it("fire no earlier than asked, and not when cancelled", (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const fired: string[] = [];
		systemTimers.after(1.2, () => fired.push("fraction"));
		const cancel = systemTimers.after(1, () => fired.push("cancelled"));
		cancel();
		t.mock.timers.tick(1);
		assert.deepEqual(fired, []);
		t.mock.timers.tick(1);
		assert.deepEqual(fired, ["fraction"]);
	});

	it("make up for a clock that is behind where it may take long", (t) => {
		const timeouts = t.mock.method(globalThis, "setTimeout", (() => undefined) as never).mock;
		systemTimers.after(20, () => {});
		systemTimers.after(57.2, () => {});
		assert.deepEqual(
			timeouts.calls.map(({ arguments: [, ms] }) => ms),
			[20, 59],
		);
	});

	it("do not fire at once when asked for more than Node's timers can wait", (t) => {
		const timeouts = t.mock.method(globalThis, "setTimeout", (() => undefined) as never).mock;
		systemTimers.after(1e12, () => {});
		assert.equal(timeouts.calls[0]?.arguments[1], 2 ** 31 - 1);
	});

	it("soon: after what is ready now, before the next timer", async () => {
		const order: string[] = [];
		await new Promise<void>((resolve) => {
			systemTimers.soon(() => {
				order.push("soon");
				resolve();
			});
			process.nextTick(() => order.push("tick"));
			order.push("now");
		});
		assert.deepEqual(order, ["now", "tick", "soon"]);
	});
});
