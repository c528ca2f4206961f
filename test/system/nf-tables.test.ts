import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attribute, attributesIn, type Message, messagesIn } from "../../src/system/netlink.js";
import {
	element,
	elementsIn,
	elementsMessage,
	generationIn,
	generationQuestion,
	joinedKey,
	transaction,
} from "../../src/system/nf-tables.js";

const SET = { family: "inet", table: "filter", set: "ports" };
const HEADERS = 16 + 4;

function valueAt(request: Buffer, ...path: readonly number[]): string | undefined {
	let found: Buffer | undefined = request.subarray(HEADERS);
	for (const type of path) {
		found = found && attributesIn(found, 0, found.length).get(type);
	}
	return found?.toString("latin1");
}

const elementMessage = (kind: "add" | "get" | "delete", key: readonly Buffer[]) =>
	elementsMessage(kind, 5, SET, [element(joinedKey(key))]) as Buffer;

describe("a message about elements", () => {
	test("names the set, and has each of several parts of a key fill whole words", () => {
		const address = Buffer.from([10, 0, 0, 1]);
		const port = Buffer.from([0xea, 0x61]);
		const request = elementMessage("get", [address, port]);
		assert.deepEqual([request.readUInt16LE(4), request.readUInt16LE(6), request[16]], [0x0a0d, 5, 1]);
		assert.deepEqual([valueAt(request, 1), valueAt(request, 2)], ["filter\0", "ports\0"]);
		assert.equal(valueAt(request, 3, 1, 1, 1), "\n\0\0\u0001\u00ea\u0061\0\0");
		const alone = elementMessage("add", [port]);
		assert.equal(valueAt(alone, 3, 1, 1, 1), "\u00ea\u0061");
	});

	test("is none for a family that nf_tables does not have", () => {
		assert.equal(elementsMessage("delete", 5, { ...SET, family: "ipx" }, []), undefined);
	});

	test("may be about several, each of which is read as it was written", () => {
		const keys = [1, 2, 3].map((port) => Buffer.from([0, port]));
		const request = elementsMessage(
			"add",
			5,
			SET,
			keys.map((key) => element(key, attribute(4, key))),
		) as Buffer;
		const [told] = [...messagesIn(request, 0)];
		assert.ok(told);
		const found = [...elementsIn(request, told)];
		assert.deepEqual(
			found.map(({ key, attributes }) => [key, attributes.get(4)]),
			keys.map((key) => [key, key]),
		);
	});
});

describe("a transaction", () => {
	const changes = [elementMessage("add", [Buffer.from([0xea, 0x61])])];
	const parts = (batch: Buffer) => [...messagesIn(batch, 0)];

	test("is for nf_tables, with its changes between a beginning and an end", () => {
		const batch = transaction(changes);
		assert.deepEqual(
			parts(batch).map(({ type }) => type),
			[0x10, 0x0a0c, 0x11],
		);
		assert.equal(batch.readUInt16BE(16 + 2), 10);
		assert.equal(valueAt(batch.subarray(0, batch.readUInt32LE(0)), 1), undefined);
	});

	test("may say how many there were before", () => {
		const batch = transaction(changes, 0x01020304);
		assert.equal(valueAt(batch.subarray(0, batch.readUInt32LE(0)), 1), "\u0001\u0002\u0003\u0004");
		assert.equal(parts(batch).length, 3);
	});
});

test("how many transactions there were is told by the answer to that question alone", () => {
	// Both have the number as their first attribute.
	const answer = transaction([generationQuestion()], 7);
	const [begin, question] = [...messagesIn(answer, 0)] as [Message, Message];
	assert.equal(generationIn(answer, begin), undefined);
	assert.equal(generationIn(answer, question), undefined);
	assert.equal(generationIn(answer, { ...begin, type: 0x0a0f }), 7);
});
