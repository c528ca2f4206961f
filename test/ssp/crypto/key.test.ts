import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatKey, generateKey, parseKey } from "../../../src/ssp/crypto/key.js";

describe("keys", () => {
	test("are 16 bytes, different each time, and survive as text", () => {
		const key = generateKey();
		assert.equal(key.length, 16);
		assert.notDeepEqual(generateKey(), key);
		assert.deepEqual(Buffer.from(parseKey(formatKey(key))), Buffer.from(key));
		assert.equal(formatKey(Uint8Array.from({ length: 16 }, (_, i) => i)), "AAECAwQFBgcICQoLDA0ODw");
	});

	test("in any other text are refused", () => {
		const good = "AAECAwQFBgcICQoLDA0ODw";
		for (const bad of [
			"",
			`${good}==`,
			good.slice(1),
			`${good}A`,
			`${good.slice(0, 21)}x`,
			good.replace("C", "-"),
			`${good}\n`,
		]) {
			assert.throws(() => parseKey(bad), { code: "bad-key" }, bad);
		}
		assert.throws(() => formatKey(new Uint8Array(15)), { code: "bad-key" });
	});
});
