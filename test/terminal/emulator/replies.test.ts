/** Replies to queries: those recorded from the stock server's emulator, and the additional ones. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Emulator } from "../../../src/terminal/index.js";
import { replyTo } from "../../support/reply-to.js";

const FILE = new URL("../../fixtures/wire/replies-and-keys.json", import.meta.url);
const fixture = JSON.parse(readFileSync(FILE, "utf8")) as {
	readonly replies: readonly { readonly output_hex: string; readonly reply_hex: string }[];
};

/** Queries that only this server answers. */
const additional: Readonly<Record<string, string>> = {
	"\x1b[?6n": "\x1b[?2;1R",
	"\x1b[?2026$p": "\x1b[?2026;2$y",
	"\x1bP$qm\x1b\\": "\x1bP1$r0m\x1b\\",
};

describe("replies", () => {
	for (const { output_hex, reply_hex } of fixture.replies) {
		const output = Buffer.from(output_hex, "hex").toString();
		test(JSON.stringify(output), () => {
			const recorded = Buffer.from(reply_hex, "hex").toString();
			// When recorded the cursor stood on the second row.
			assert.equal(replyTo(`\r\n${output}`), additional[output] ?? recorded);
		});
	}

	const modes: readonly (readonly [output: string, mode: string, state: 0 | 1 | 2])[] = [
		["\x1b[?1h", "?1", 1],
		["\x1b[?25l", "?25", 2],
		["\x1b[?5h", "?5", 1],
		["\x1b[?1006h", "?1006", 1],
		["\x1b[?1015h", "?1006", 2],
		["\x1b[?1003h", "?1003", 1],
		["\x1b[?1003h\x1b[?1000l", "?1003", 2],
		["\x1b[?2004h\x1bc", "?2004", 2],
		["\x1b[?1049h", "?1049", 1],
		["\x1b[?1016h", "?1016", 0],
		["\x1b[?45h", "?45", 1],
		["\x1b=", "?66", 1],
		["\x1b[4h", "4", 1],
		["\x1b[20h", "20", 0],
	];
	for (const [output, mode, state] of modes) {
		test(`DECRQM ${mode} after ${JSON.stringify(output)}`, () => {
			assert.equal(replyTo(`${output}\x1b[${mode}$p`), `\x1b[${mode};${state}$y`);
		});
	}

	test("the cursor is reported in the last column while a wrap is pending", () => {
		assert.equal(replyTo(`${"x".repeat(80)}\x1b[6n`), "\x1b[1;80R");
	});

	test("nothing is reported without a query", () => {
		assert.equal(replyTo("\x1b[?1004h\x1b[?1000;1006h\x1b]10;?\x07\x1b]4;1;?\x07text\x07\x1bc"), "");
	});

	test("replies come in one call, in order, after the write", () => {
		const calls: string[] = [];
		const emulator = new Emulator({
			columns: 80,
			rows: 24,
			onReply: (bytes) =>
				calls.push(`${Buffer.from(bytes).toString()} at ${emulator.snapshot().cursorColumn}`),
		});
		emulator.write(Buffer.from("\x1b[5nabc\x1b[6n"));
		assert.deepEqual(calls, ["\x1b[0n\x1b[1;4R at 3"]);
	});
});
