import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keysOf } from "../../../../src/server/session/view/keys.js";

const names = (text: string) => keysOf(text).keys.map(({ name }) => name);

describe("a client's input is taken apart into", () => {
	for (const [text, expected] of [
		["\x1e[", ["open"]],
		["ab", ["character", "character"]],
		["\xe6\xbc\xa2x", ["character", "character"]],
		["\x1b[A\x1bOB\x1b[C\x1bOD", ["up", "down", "sideways", "sideways"]],
		["\x1b[1;2A", ["up"]],
		["\x1b[H\x1b[4~\x1bOF", ["home", "end", "end"]],
		["\x1b[5~\x1b[5;2~\x1b[6~\x1b[6;2~", ["page-up", "shift-page-up", "page-down", "page-down"]],
		["\x1b[5;5~\x1b[15~", ["other", "other"]],
		["\x1b", ["escape"]],
		["\x1bx", ["escape", "character"]],
		["\x1b[<64;1;1M\x1b[<69;1;1M\x1b[<0;1;1m", ["wheel-up", "wheel-down", "mouse"]],
		["\x1b[M\x60!!\x1b[M !!", ["wheel-up", "mouse"]],
		["\x1b[200~x\x1b[201~", ["paste-begin", "character", "paste-end"]],
		["\x1b[I\x1b[O", ["focus", "focus"]],
	] as const) {
		test(`${expected.join(", ")}: ${JSON.stringify(text)}`, () => assert.deepEqual(names(text), expected));
	}

	test("keys that together are the input again, but for one that is not complete", () => {
		const text = "a\x1b[5~\x1b[<64;1;1Mb";
		for (let cut = 0; cut <= text.length; cut++) {
			const { keys, rest } = keysOf(text.slice(0, cut));
			assert.equal(keys.map((key) => key.text).join("") + rest, text.slice(0, cut));
		}
		for (const begun of ["\x1b[", "\x1b[5", "\x1bO", "\x1b[M!", "\x1b[<64;1"]) {
			assert.deepEqual(keysOf(`x${begun}`).rest, begun);
		}
	});
});
