import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keysOf } from "../../../../src/server/session/view/keys.js";
import { edit } from "../../../../src/server/session/view/prompt.js";

/** What a text becomes by the key of these bytes. */
function edited(text: string, bytes: string) {
	const [key] = keysOf(bytes).keys;
	assert.ok(key);
	return edit(text, key);
}

describe("a key in the prompt", () => {
	for (const [text, bytes, expected] of [
		["a", "b", { kind: "text", text: "ab" }],
		["a", "\xe6\xbc\xa2", { kind: "text", text: "a漢" }],
		["a", "\x07", { kind: "text", text: "a" }],
		["a漢", "\x7f", { kind: "text", text: "a" }],
		["a", "\b", { kind: "text", text: "" }],
		["", "\x7f", { kind: "cancel" }],
		["abc", "\x15", { kind: "text", text: "" }],
		["abc", "\x03", { kind: "cancel" }],
		["abc", "\x1b", { kind: "cancel" }],
		["abc", "\r", { kind: "done", used: true }],
		["abc", "\x1b[A", { kind: "done", used: false }],
	] as const) {
		test(`${JSON.stringify(bytes)} after ${JSON.stringify(text)}`, () =>
			assert.deepEqual(edited(text, bytes), expected));
	}

	test("adds no more than there is room for", () => {
		assert.deepEqual(edited("x".repeat(200), "y"), { kind: "text", text: "x".repeat(200) });
	});
});
