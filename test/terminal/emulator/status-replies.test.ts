/** Replies to questions about settings. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replyTo } from "../../support/reply-to.js";

describe("replies about", () => {
	const settings: readonly (readonly [output: string, name: string, reply: string])[] = [
		["", "m", "\x1bP1$r0m\x1b\\"],
		["\x1b[1;4;31;102m", "m", "\x1bP1$r0;1;4;31;102m\x1b\\"],
		["\x1b[38;2;1;2;3;48;5;200m", "m", "\x1bP1$r0;38:2::1:2:3;48:5:200m\x1b\\"],
		["", "r", "\x1bP1$r1;24r\x1b\\"],
		["\x1b[3;9r", "r", "\x1bP1$r3;9r\x1b\\"],
		["", " q", "\x1bP0$r\x1b\\"],
		["", "nonsense", "\x1bP0$r\x1b\\"],
	];
	for (const [output, name, reply] of settings) {
		test(`DECRQSS ${JSON.stringify(name)} after ${JSON.stringify(output)}`, () => {
			assert.equal(replyTo(`${output}\x1bP$q${name}\x1b\\`), reply);
		});
	}

	for (const [names, reply] of [
		["436f", "\x1bP1+r436f=323536\x1b\\"],
		["544e;436f", "\x1bP0+r544e\x1b\\"],
		["not hexadecimal", "\x1bP0+r\x1b\\"],
		["", "\x1bP0+r\x1b\\"],
	]) {
		test(`XTGETTCAP ${names}`, () => assert.equal(replyTo(`\x1bP+q${names}\x1b\\`), reply));
	}

	test("attributes and colours of every kind, in one order", () => {
		const all = "\x1b[9;8;7;5;4;3;2;1;97;48:2::1:2:3m";
		assert.equal(replyTo(`${all}\x1bP$qm\x1b\\`), "\x1bP1$r0;1;3;4;5;7;8;97;48:2::1:2:3m\x1b\\");
	});
});
