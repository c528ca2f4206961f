import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytesOf, percentEncoded, textOf } from "../../../src/server/host/byte-text.js";

/** As native/boundary.c does. */
function decoded(text: string): Buffer {
	const latin1 = Buffer.from(text).toString("latin1");
	const byte = (_: string, digits: string) => String.fromCharCode(Number.parseInt(digits, 16));
	return Buffer.from(latin1.replaceAll(/%([0-9a-f]{2})/g, byte), "latin1");
}

describe("bytes as text", () => {
	it("come out as they went in, whatever they are", () => {
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			// Much that is nearly UTF-8.
			fc
				.array(
					fc.constantFrom(0x25, 0x61, 0x80, 0xbf, 0xc3, 0xe0, 0xa0, 0xed, 0xef, 0xbb, 0xf0, 0x9f, 0xf4, 0xff),
				)
				.map((list) => Uint8Array.from(list)),
		);
		fc.assert(
			fc.property(bytes, (given) => {
				const text = textOf(given);
				assert.deepEqual(bytesOf(text), Buffer.from(given));
				const encoded = percentEncoded(text);
				assert.equal(Buffer.from(encoded).toString(), encoded, "only UTF-8 gets through");
				assert.deepEqual(decoded(encoded), Buffer.from(given));
			}),
			{ numRuns: 2000 },
		);
	});

	it("are ordinary text where they are UTF-8", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => {
				assert.equal(textOf(Buffer.from(text)), text);
			}),
		);
		assert.equal(textOf(Buffer.from("\ufeffä😀")), "\ufeffä😀");
		assert.equal(textOf(Buffer.from("a\xff\xc3\xa4\xf0\x9f", "latin1")), "a\udcffä\udcf0\udc9f");
	});
});
