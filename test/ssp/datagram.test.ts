import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DATAGRAM_MAX, DATAGRAM_OVERHEAD, type Datagram, DatagramCipher } from "../../src/ssp/datagram.js";

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);
const cipher = () => new DatagramCipher(KEY);

function datagramOf(over: Partial<Datagram> = {}): Datagram {
	const payload = Buffer.from("a fragment");
	return { toClient: true, sequence: 7n, timestamp: 0xfffe, timestampReply: 0x0102, payload, ...over };
}

describe("a datagram", () => {
	test("comes out as it went in, in both directions and with the largest sequence number", () => {
		for (const over of [
			{},
			{ toClient: false },
			{ sequence: 2n ** 63n - 1n },
			{ payload: Buffer.alloc(0) },
		]) {
			const datagram = datagramOf(over);
			const { payload, ...opened } = cipher().open(cipher().seal(datagram)) as Datagram;
			const { payload: sent, ...fields } = datagram;
			assert.deepEqual(opened, fields);
			assert.deepEqual(Buffer.from(payload), Buffer.from(sent));
		}
	});

	test("is its payload and 28 bytes; the nonce goes in clear", () => {
		const sealed = cipher().seal(datagramOf());
		assert.equal(sealed.length, 10 + DATAGRAM_OVERHEAD);
		assert.equal(DATAGRAM_OVERHEAD, 28);
		assert.equal(Buffer.from(sealed.subarray(0, 8)).toString("hex"), "8000000000000007");
	});

	test("keeps what was opened, whatever is opened after it", () => {
		const sender = cipher();
		const receiver = cipher();
		const first = receiver.open(sender.seal(datagramOf())) as Datagram;
		receiver.open(sender.seal(datagramOf({ sequence: 8n, payload: Buffer.from("another one") })));
		assert.equal(Buffer.from(first.payload).toString(), "a fragment");
	});

	test("of another key, changed in any byte, cut or overlong is none", () => {
		const sealed = cipher().seal(datagramOf());
		assert.equal(new DatagramCipher(new Uint8Array(16)).open(sealed), undefined);
		for (let at = 0; at < sealed.length; at++) {
			const changed = Uint8Array.from(sealed, (byte, i) => (i === at ? byte ^ 1 : byte));
			assert.equal(cipher().open(changed), undefined, `byte ${at}`);
		}
		for (const length of [0, 23, 24, sealed.length - 1]) {
			assert.equal(cipher().open(sealed.subarray(0, length)), undefined, `${length} bytes`);
		}
		assert.equal(cipher().open(new Uint8Array(DATAGRAM_MAX + 1)), undefined);
	});

	test("is not sealed once the key has encrypted its share of blocks", () => {
		// Each has 14 bytes: one block.
		const limited = new DatagramCipher(KEY, 3);
		limited.seal(datagramOf());
		limited.seal(datagramOf({ sequence: 8n }));
		assert.throws(() => limited.seal(datagramOf({ sequence: 9n })), { code: "key-exhausted" });
	});
});
