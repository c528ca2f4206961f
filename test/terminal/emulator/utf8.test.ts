/** Bytes as they come from a pty: in pieces, all read into one buffer. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Utf8Filter } from "../../../src/terminal/emulator/utf8.js";

/** What comes out when `text` is read `size` bytes at a time into the same buffer. */
function throughOneBuffer(text: string, size: number): string {
	const filter = new Utf8Filter();
	const bytes = Buffer.from(text);
	const buffer = Buffer.alloc(size);
	const out: Buffer[] = [];
	for (let at = 0; at < bytes.length; at += size) {
		const length = bytes.copy(buffer, 0, at, at + size);
		out.push(Buffer.from(filter.filter(buffer.subarray(0, length))));
	}
	return Buffer.concat(out).toString();
}

describe("a character split over two reads", () => {
	test("is whole, though the second is read over the first", () => {
		const text = "\x1b[38;2;52;96;199m█é€😀e\u0301".repeat(20);
		for (let size = 1; size <= 64; size++) {
			assert.equal(throughOneBuffer(text, size), text, `${size} bytes`);
		}
	});
});

test("the bytes that are read stay as they were, also where a C1 control is spelled out", () => {
	const chunk = Buffer.from("a\u009bm");
	const before = Buffer.from(chunk);
	assert.equal(Buffer.from(new Utf8Filter().filter(chunk)).toString(), "a\x1b[m");
	assert.deepEqual(chunk, before);
});
