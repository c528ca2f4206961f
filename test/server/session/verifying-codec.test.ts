import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { initialTerminalState, terminalStateCodec } from "../../../src/server/session/terminal-state.js";
import { verifyingCodec } from "../../../src/server/session/verifying-codec.js";
import { encodeHostMessage } from "../../../src/ssp/index.js";
import { Emulator } from "../../../src/terminal/index.js";
import { SessionRig } from "../../support/session-rig.js";

describe("the verification of -v", () => {
	const screenOf = (text: string) => {
		const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
		emulator.write(Buffer.from(text));
		return emulator.snapshot();
	};
	const base = initialTerminalState();
	const target = { ...base, screen: screenOf("text\x07\x1b]0;title\x07"), echoAck: 3n };

	it("accepts a diff that leads to the target", () => {
		const codec = verifyingCodec((line) => assert.fail(line));
		assert.deepEqual(codec.diff(base, target), terminalStateCodec.diff(base, target));
		const next = { ...target, screen: { ...screenOf("\x1b[?25lother"), bells: target.screen.bells + 2 } };
		assert.deepEqual(codec.diff(target, next), terminalStateCodec.diff(target, next));
	});

	it("accepts one that scrolls a line away from the one it continues in, which xterm.js forgets", () => {
		const codec = verifyingCodec((line) => assert.fail(line));
		const emulator = new Emulator({ columns: 20, rows: 8, onReply: () => {} });
		emulator.write(Buffer.from("\x1b[6Ha line that is long and wraps"));
		const wrapped = { ...base, screen: emulator.snapshot() };
		emulator.write(Buffer.from("\x1b[4;7r\x1b[4H\x1bM\x1b[r\x1b[7H\x1b[Ka line that is long and wraps"));
		const scrolled = { ...base, screen: emulator.snapshot() };
		assert.deepEqual(
			[wrapped, scrolled].map(({ screen }) => screen.lines.findIndex(({ wraps }) => wraps)),
			[5, 6],
		);
		const message = codec.diff(wrapped, scrolled);
		assert.ok(Buffer.from(message).includes("\x1b[T"), "the diff scrolls");
	});

	it("accepts one to a screen of another size", () => {
		const codec = verifyingCodec((line) => assert.fail(line));
		const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
		emulator.write(Buffer.from(`\x1b[41m${"漢字 and text that wraps ".repeat(20)}`));
		for (const [columns, rows] of [
			[31, 24],
			[31, 3],
			[120, 40],
		] as const) {
			const before = { ...base, screen: emulator.snapshot() };
			emulator.resize(columns, rows);
			codec.diff(before, { ...base, screen: emulator.snapshot() });
		}
	});

	const wrong: readonly (readonly [complaint: string, diff: Parameters<typeof encodeHostMessage>[0]])[] = [
		["row 0, column 0 is ", { hostString: Buffer.from("fox\x1b]0;title\x07\x07\x1b[;5H"), echoAck: 3n }],
		["the bell does not ring", { hostString: Buffer.from("text\x1b]0;title\x07"), echoAck: 3n }],
		["the echo ack is 0 instead of 3", { hostString: Buffer.from("text\x07\x1b]0;title\x07") }],
		["the size is 81x24", { resize: { columns: 81, rows: 24 }, echoAck: 3n }],
		["the client is sent", { hostString: Buffer.from("text\x07\x1b]0;title\x07\x1b[c"), echoAck: 3n }],
		["the client is sent", { hostString: Buffer.from("text\x07\x1b]0;title\x07\x1b["), echoAck: 3n }],
		["SGR 6 ", { hostString: Buffer.from("text\x07\x1b]0;title\x07\x1b[6m"), echoAck: 3n }],
		["the current rendition", { hostString: Buffer.from("text\x07\x1b]0;title\x07\x1b[1m"), echoAck: 3n }],
		["title is ", { hostString: Buffer.from("text\x07"), echoAck: 3n }],
	];
	for (const [complaint, diff] of wrong) {
		it(`complains of one that does not: ${complaint}`, (t) => {
			const lines: string[] = [];
			const message = encodeHostMessage(diff);
			t.mock.method(terminalStateCodec, "diff", () => message);
			assert.equal(verifyingCodec((line) => lines.push(line)).diff(base, target), message);
			assert.equal(lines.length, 1);
			assert.ok(lines[0]?.includes(`round-trip Instruction verification failed: ${complaint}`), lines[0]);
		});
	}

	it("fails a test whose session sends such a diff", (t) => {
		t.mock.method(terminalStateCodec, "diff", () => encodeHostMessage({ hostString: Buffer.from("fox") }));
		const rig = new SessionRig();
		assert.throws(() => rig.connect().output("text"), /verification failed/);
	});
});
