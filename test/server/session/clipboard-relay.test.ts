import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClipboardRelay } from "../../../src/server/session/clipboard-relay.js";
import type { Screen } from "../../../src/terminal/index.js";
import { blankScreen } from "../../../src/terminal/screen/screen.js";

const screen = (clipboard: string, copies: number): Screen => ({ ...blankScreen(10, 2), clipboard, copies });
const START = screen("", 0);

describe("a client's clipboard", () => {
	test("is the program's, which is sent as it is while the text changes", () => {
		const relay = new ClipboardRelay(START);
		for (const next of [screen("eA==", 1), screen("eQ==", 2)]) {
			assert.equal(relay.relayed(next, START), next);
		}
	});

	test("gets a text that is none in between when the same text is copied again, another each time", () => {
		const relay = new ClipboardRelay(START);
		const first = relay.relayed(screen("eA==", 1), START);
		const again = screen("eA==", 2);
		const between = relay.relayed(again, first);
		assert.doesNotMatch(between.clipboard, /^[A-Za-z0-9+/=]*$/);
		assert.equal(relay.relayed(again, first).clipboard, between.clipboard, "until the client has it");
		assert.equal(relay.relayed(again, between), again);
		const third = relay.relayed(screen("eA==", 3), again);
		assert.notEqual(third.clipboard, between.clipboard);
	});

	test("has another text at once, whatever was in between", () => {
		const relay = new ClipboardRelay(START);
		relay.relayed(screen("eA==", 1), START);
		relay.relayed(screen("eA==", 2), START);
		const other = screen("eQ==", 3);
		assert.equal(relay.relayed(other, START), other);
	});

	test("ends as the program's, for whose confirmation there is no time", () => {
		const relay = new ClipboardRelay(START);
		relay.relayed(screen("eA==", 1), START);
		relay.finish();
		const last = screen("eA==", 2);
		assert.equal(relay.relayed(last, START), last);
	});

	test("of one that comes later stays what it was", () => {
		const past = screen("eA==", 5);
		assert.equal(new ClipboardRelay(past).relayed(past, START), past);
	});
});
