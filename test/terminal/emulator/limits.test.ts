/** What is refused of xterm.js, or kept from it, so that no sequence costs more than its length. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Terminal } from "@xterm/headless";
import { EXTENDED_BIT, lineOfRow } from "../../../src/terminal/emulator/internals.js";
import { limitWork } from "../../../src/terminal/emulator/limits.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

function limited(): ReturnType<typeof bareTerminal> {
	const made = bareTerminal();
	limitWork(made.terminal, made.core);
	return made;
}

const text = ({ buffer }: Terminal, row = 0): string | undefined =>
	buffer.active.getLine(row)?.translateToString(true);

describe("refused", () => {
	const refused: readonly (readonly [name: string, output: string])[] = [
		["scroll left", "\x1b[2 @"],
		["scroll right", "\x1b[2 A"],
		["insert columns", "\x1b[2'}"],
		["delete columns", "\x1b[2'~"],
	];
	for (const [name, output] of refused) {
		test(name, () => {
			const bare = bareTerminal().terminal;
			const { terminal } = limited();
			for (const one of [bare, terminal]) {
				writeNow(one, `abc\r${output}`);
			}
			assert.notEqual(text(bare), "abc", "xterm.js does it");
			assert.equal(text(terminal), "abc");
		});
	}

	test("new line mode", () => {
		const { terminal } = limited();
		writeNow(terminal, "\x1b[20hab\nc");
		assert.equal(text(terminal, 1), "  c");
	});
});

test("protected cells stay in a selective erase, and only in that", () => {
	for (const erase of ["\x1b[?2J", "\x1b[?2K"]) {
		const { terminal } = limited();
		writeNow(terminal, `abc${erase}`);
		assert.equal(text(terminal), "");
		writeNow(terminal, `\r\x1b[1"qdef\x1b["qghi${erase}`);
		assert.equal(text(terminal), "def");
		writeNow(terminal, "\x1b[2K");
		assert.equal(text(terminal), "");
	}
});

test("nothing is put together about what nobody knows", () => {
	const output = "\x1b[999~\x1b[?999~\x1bb\x01\x1b]9999;a\x07\x1bP9q\x1b\\x";
	const told = [bareTerminal(), limited()].map(({ terminal, core }) => {
		const parser = core._inputHandler._parser as unknown as { identToString(ident: number): string };
		const { identToString } = parser;
		let count = 0;
		parser.identToString = (ident) => {
			count++;
			return identToString.call(parser, ident);
		};
		writeNow(terminal, output);
		assert.equal(text(terminal), "x");
		return count;
	});
	assert.ok((told[0] ?? 0) > 0, "xterm.js does it");
	assert.equal(told[1], 0);
});

test("of an underline only whether there is one is kept", () => {
	const { terminal, core } = limited();
	writeNow(terminal, "\x1b[4:3;58;5;1ma\x1b[4mb\x1b[24mc");
	const line = lineOfRow(core._inputHandler._activeBuffer, 0);
	assert.ok(line);
	assert.deepEqual(Object.keys(line._extendedAttrs), []);
	assert.deepEqual(
		[0, 1, 2].map((column) => (line._data[column * 3 + 2] ?? 0) & EXTENDED_BIT),
		[0, 0, 0],
	);
	const underlined = [0, 1, 2].map((column) =>
		terminal.buffer.active.getLine(0)?.getCell(column)?.isUnderline(),
	);
	assert.deepEqual(
		underlined.map((flag) => flag !== 0),
		[true, true, false],
	);
});

test("without the internals counts above any size of a screen are refused", () => {
	const { terminal } = bareTerminal();
	limitWork(terminal, undefined);
	writeNow(terminal, "a\x1b[1001bb\x1b[2b");
	assert.equal(text(terminal), "abbb");
	writeNow(terminal, "\x1b[H\x1b[2147483647Lc");
	assert.equal(text(terminal), "cbbb");
});
