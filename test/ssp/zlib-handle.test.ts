/** A zlib stream used again: that it makes what Node's functions make, and says when it cannot. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createDeflate, createInflate, type Deflate, deflateSync } from "node:zlib";
import fc from "fast-check";
import { ZlibHandle } from "../../src/ssp/zlib-handle.js";

const ROOM = 1_000;
const OPTIONS = { windowBits: 12, memLevel: 5 };
const bytes = fc.oneof(
	fc.uint8Array({ maxLength: ROOM / 2 }),
	fc.string({ maxLength: 50 }).map((text) => Buffer.from(text.repeat(9))),
);

test("each message becomes what Node makes of it, and is what it was before", () => {
	const deflate = new ZlibHandle(createDeflate(OPTIONS), ROOM);
	const inflate = new ZlibHandle(createInflate(), ROOM);
	fc.assert(
		fc.property(bytes, (message) => {
			const compressed = deflate.run(message);
			assert.deepEqual(compressed, deflateSync(message, OPTIONS));
			assert.deepEqual(inflate.run(compressed as Buffer), Buffer.from(message));
		}),
	);
});

test("what is returned is no longer used", () => {
	const deflate = new ZlibHandle(createDeflate(OPTIONS), ROOM);
	const first = deflate.run(Buffer.from("first"));
	deflate.run(Buffer.from("second"));
	assert.deepEqual(first, deflateSync(Buffer.from("first"), OPTIONS));
});

test("what does not fit, is broken or goes on is left to others, and the next message is as any", () => {
	const inflate = new ZlibHandle(createInflate(), ROOM);
	const good = deflateSync(Buffer.from("good"));
	for (const other of [
		deflateSync(Buffer.alloc(ROOM + 1)),
		good.subarray(0, 5),
		Buffer.from("no stream"),
		Buffer.alloc(0),
		Buffer.concat([good, good]),
	]) {
		assert.equal(inflate.run(other), undefined);
		assert.equal(inflate.run(good)?.toString(), "good");
	}
});

test("a stream that Node has made otherwise is left alone", () => {
	assert.equal(new ZlibHandle({} as Deflate, ROOM).run(Buffer.from("x")), undefined);
});
