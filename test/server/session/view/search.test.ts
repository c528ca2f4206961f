import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expressionFor, find } from "../../../../src/server/session/view/search.js";
import { Emulator, type History } from "../../../../src/terminal/index.js";

function historyOf(output: string): History {
	const emulator = new Emulator({ columns: 10, rows: 3, historyLines: 100, onReply: () => {} });
	emulator.write(Buffer.from(output));
	assert.ok(emulator.history);
	return emulator.history;
}

test("a text is found as it is, and in capitals too unless it has some", () => {
	assert.deepEqual("a.b A.B axb".match(expressionFor("a.b")), ["a.b", "A.B"]);
	assert.deepEqual("Foo foo".match(expressionFor("Foo")), ["Foo"]);
	for (const text of ["(", "[a", "a+b", "\\", "^$", "{2}", "a|b", "/"]) {
		assert.deepEqual(`x${text}y`.match(expressionFor(text)), [text]);
	}
});

describe("a search", () => {
	const history = historyOf("foo\r\nbar foo\r\nbaz\r\nlast");
	const { first } = history;
	const search = (line: number, cell: number, backward: boolean, text = "foo") => {
		const found = find(history, expressionFor(text), { line: first + line, cell }, backward);
		return found && [found.position.line - first, found.position.cell, found.around];
	};

	test("finds the next behind a position, or the last before it", () => {
		assert.deepEqual(search(0, 0, false), [1, 4, false]);
		assert.deepEqual(search(3, 0, true), [1, 4, false]);
		assert.deepEqual(search(1, 4, true), [0, 0, false]);
	});

	test("goes on at the other end", () => {
		assert.deepEqual(search(1, 4, false), [0, 0, true]);
		assert.deepEqual(search(0, 0, true), [1, 4, true]);
	});

	test("finds what is at the position itself at last, and nothing where there is nothing", () => {
		assert.deepEqual(search(2, 0, false, "baz"), [2, 0, true]);
		assert.equal(search(0, 0, false, "qux"), undefined);
	});

	test("finds what goes on in the next row", () => {
		const long = historyOf(`${"x".repeat(8)}foo\r\n`);
		const found = find(long, expressionFor("foo"), { line: long.first, cell: 0 }, false);
		assert.deepEqual(found?.position, { line: long.first, cell: 8 });
	});
});
