import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { REFUSALS } from "../../src/guard/sessions/refusals.js";
import {
	decodeAnswer,
	decodeRequest,
	encode,
	LineReader,
	MAX_REQUEST_LINE,
	type Request,
} from "../../src/guard-protocol/messages.js";

const port = fc.integer({ min: 1, max: 65535 });
const socket = fc.oneof(
	fc.record({ family: fc.constant("ipv4" as const), address: fc.ipV4(), port }),
	fc.record({ family: fc.constant("ipv6" as const), address: fc.ipV6(), port }),
);
const milliseconds = fc.maxSafeNat();
const request: fc.Arbitrary<Request> = fc.oneof(
	fc
		.tuple(socket, fc.integer({ min: 1, max: 2 ** 31 - 1 }))
		.map(([at, pid]) => ({ type: "report" as const, ...at, pid })),
	socket.map((at) => ({ type: "ask" as const, ...at })),
	fc.record(
		{
			type: fc.constant("update" as const),
			client: fc.record({ address: fc.oneof(fc.ipV4(), fc.ipV6()), port }, { noNullPrototype: true }),
			silentMs: milliseconds,
			watchers: fc.integer({ min: 0, max: 1000 }),
			ending: fc.boolean(),
			idleMs: milliseconds,
		},
		{ requiredKeys: ["type"] },
	),
	fc.constantFrom({ type: "status" as const }, { type: "yield" as const }),
	fc.boolean().map((dryRun) => ({ type: "sync" as const, dryRun })),
	fc.integer({ min: 1, max: 60 }).map((seconds) => ({ type: "arm" as const, seconds })),
	fc.tuple(port, fc.boolean()).map(([port, dryRun]) => ({ type: "close" as const, port, dryRun })),
);

describe("requests", () => {
	test("come out as they went in, on one short line", () => {
		fc.assert(
			fc.property(request, (message) => {
				const line = encode(message);
				assert.ok(line.length < MAX_REQUEST_LINE / 10);
				assert.deepEqual(decodeRequest(line.slice(0, -1)), { ...message });
			}),
		);
	});

	test("of any shape are decoded or refused, never thrown at", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					fc.json(),
					fc.anything().map((value) => JSON.stringify(value)),
				),
				(line) => {
					const decoded = decodeRequest(line ?? "");
					assert.ok("error" in decoded || "type" in decoded);
				},
			),
		);
	});

	test("with one value wrong are refused", () => {
		const good = { v: 1, type: "report", family: "ipv4", address: "192.0.2.1", port: 60001, pid: 7 };
		assert.ok("type" in decodeRequest(JSON.stringify(good)));
		for (const wrong of [
			{ v: 0 },
			{ v: "1" },
			{ family: "ipv5" },
			{ address: "localhost" },
			{ address: "192.0.2.1\n" },
			{ address: "1".repeat(46) },
			{ port: 0 },
			{ port: 65536 },
			{ port: "60001" },
			{ port: 60001.5 },
			{ pid: 0 },
			{ pid: -1 },
			{ pid: null },
		]) {
			assert.ok("error" in decodeRequest(JSON.stringify({ ...good, ...wrong })), JSON.stringify(wrong));
		}
	});
});

test("an answer of another version is none", () => {
	assert.deepEqual(decodeAnswer(encode({ type: "open" }).trim()), { v: 1, type: "open" });
	assert.equal(decodeAnswer('{"v":2,"type":"open"}'), undefined);
	assert.equal(decodeAnswer("open"), undefined);
});

describe("lines", () => {
	test("are the same however the stream is cut", () => {
		const text = fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", ""));
		fc.assert(
			fc.property(fc.array(text), fc.array(fc.nat(400)), (lines, cuts) => {
				const stream = lines.map((line) => `${line}\n`).join("");
				const reader = new LineReader(10_000);
				const got: string[] = [];
				let from = 0;
				for (const to of [...cuts.sort((a, b) => a - b), stream.length]) {
					got.push(...(reader.push(stream.slice(from, Math.max(from, to))) ?? []));
					from = Math.max(from, Math.min(to, stream.length));
				}
				assert.deepEqual(got, lines);
			}),
		);
	});

	test("that are too long end the stream, ended or not", () => {
		assert.deepEqual(new LineReader(5).push("12345\n"), ["12345"]);
		assert.equal(new LineReader(5).push("123456\n"), undefined);
		assert.equal(new LineReader(5).push("123456"), undefined);
	});
});

test("the documentation lists every refusal with its sentence", () => {
	const text = readFileSync(new URL("../../docs/guard-protocol.md", import.meta.url), "utf8");
	const documented = Object.fromEntries(
		[...text.slice(text.indexOf("## Refusals")).matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)].map((row) => [
			row[1],
			row[2],
		]),
	);
	assert.deepEqual(documented, { ...REFUSALS });
});
