import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	attribute,
	attributesIn,
	FLAG,
	loadNetlink,
	message,
	messagesIn,
	NetlinkError,
	nested,
	PROTOCOL,
} from "../../src/system/netlink.js";
import { netlinkModule } from "../support/netlink.js";

const DONE = 3;
const ERROR = 2;

const status = (code: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeInt32LE(code);
	return bytes;
};

describe("messages", () => {
	test("are read as they were written, whatever their length", () => {
		const body = [attribute(1, Buffer.from("abc")), nested(2, attribute(7, Buffer.from([9])))];
		const answer = Buffer.concat([message(99, 0, ...body), message(DONE, 0, status(0))]);
		const [found, ...more] = [...messagesIn(answer, 1)];
		assert.equal(more.length, 0);
		assert.equal(found?.type, 99);
		const attributes = attributesIn(answer, found?.start ?? 0, found?.end ?? 0);
		assert.equal(attributes.get(1)?.toString(), "abc");
		const inner = attributes.get(2) as Buffer;
		assert.deepEqual(attributesIn(inner, 0, inner.length).get(7), Buffer.from([9]));
	});

	test("an answer that was cut off, refused or changed meanwhile is none", () => {
		const whole = Buffer.concat([message(99, 0, Buffer.alloc(8)), message(DONE, 0, status(0))]);
		const codes = [
			[whole.subarray(0, 24), "unexpected"],
			[whole.subarray(0, 20), "unexpected"],
			[message(ERROR, 0, status(-2)), "ENOENT"],
			[Buffer.concat([message(99, 0x10), message(DONE, 0x10, status(0))]), "EINTR"],
		] as const;
		for (const [answer, code] of codes) {
			assert.throws(
				() => [...messagesIn(answer, 1)],
				(error) => error instanceof NetlinkError && error.code === code,
			);
		}
		assert.throws(() => [...messagesIn(message(ERROR, 0, status(0)), 2)], { code: "unexpected" });
	});

	test("attributes that leave their message are none", () => {
		const broken = attribute(1, Buffer.from("abc"));
		broken.writeUInt16LE(200, 0);
		assert.throws(() => attributesIn(broken, 0, broken.length), { code: "unexpected" });
	});
});

describe("the kernel", () => {
	test("answers every part of a request, in pieces as long as they come", async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		// RTM_GETLINK: all interfaces, twice.
		const request = message(18, FLAG.request | FLAG.dump, Buffer.alloc(16));
		const route = 0;
		const answer = await netlink.ask(route, Buffer.concat([request, request]), request.length);
		const found = [...messagesIn(answer, 2)];
		assert.ok(found.length >= 2 && found.length % 2 === 0, `${found.length} interfaces`);
	});

	test("refuses what it does not know", async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		const request = message(0x7fff, FLAG.request | FLAG.ack, Buffer.alloc(16));
		const refused = await netlink.ask(PROTOCOL.sockDiag, request);
		assert.throws(() => [...messagesIn(refused, 1)], NetlinkError);
		await assert.rejects(netlink.ask(250, request), NetlinkError);
	});

	test("what is no request is refused before it is asked", async () => {
		const netlink = loadNetlink(netlinkModule());
		await assert.rejects(async () => netlink?.ask(0, Buffer.alloc(0)), /ask/);
		await assert.rejects(async () => netlink?.ask(0, "text" as unknown as Buffer), /ask/);
	});

	test("cannot be asked where there is no module", () => {
		assert.equal(loadNetlink("/nonexistent/netlink.node"), undefined);
	});
});
