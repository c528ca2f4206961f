import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { PtyWriter } from "../../../src/server/host/pty-writer.js";
import { GRACE_MS, SignalKeys } from "../../../src/server/host/signal-keys.js";

/** A terminal that has taken so much and still has to take so much, and on which these keys send a signal. */
function terminal(t: TestContext, accepted: number, unwritten: number, signals = "\x03") {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const done: string[] = [];
	const writer = {
		accepted,
		unwritten,
		hold: () => done.push("hold"),
		resume: () => done.push("resume"),
		restart: (bytes: Uint8Array) => done.push(`restart ${JSON.stringify(Buffer.from(bytes).toString())}`),
	};
	const keys = new SignalKeys(writer as Partial<PtyWriter> as PtyWriter, async (_after, given) => {
		done.push(`clear ${given.join()}`);
		return given.find((key) => signals.includes(String.fromCharCode(key))) ?? 0;
	});
	const type = (text: string) => keys.typed(Buffer.from(text));
	const pass = async () => {
		t.mock.timers.tick(GRACE_MS);
		await new Promise((resolve) => setImmediate(resolve));
	};
	return { keys, writer, type, pass, done };
}

describe("a key that sends a signal", () => {
	test("discards what is unread where the terminal is full, and what was typed after it goes on", async (t) => {
		const { type, pass, done } = terminal(t, 4095, 100);
		type("\x03");
		type("ls\r");
		await pass();
		assert.deepEqual(done, ["hold", "clear 3", 'restart "\\u0003ls\\r"']);
	});

	test("is a key like any other where the terminal has room", async (t) => {
		const { type, pass, done } = terminal(t, 100, 0);
		type("\x03");
		await pass();
		assert.deepEqual(done, []);
	});

	test("that sends none there discards nothing", async (t) => {
		const { type, pass, done } = terminal(t, 4095, 100, "");
		type("\x03");
		await pass();
		assert.deepEqual(done, ["hold", "clear 3", "resume"]);
	});

	test("is not looked for in text, nor far from the end of a paste", async (t) => {
		const { type, pass, done } = terminal(t, 4095, 100);
		type("text\r\n\t\x1b");
		type(`\x03${"x".repeat(16)}`);
		await pass();
		assert.deepEqual(done, []);
	});

	test("is forgotten with the terminal", async (t) => {
		const { keys, type, pass, done } = terminal(t, 4095, 100);
		type("\x03");
		keys.stop();
		await pass();
		assert.deepEqual(done, []);
	});
});
