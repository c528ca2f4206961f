import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { historyPiece } from "../../../src/server/session/history-text.js";
import { Emulator, type History } from "../../../src/terminal/index.js";

function historyOf(output: string, columns = 20, lines = 5_000): History {
	const emulator = new Emulator({ columns, rows: 4, historyLines: lines, onReply: () => {} });
	emulator.write(Buffer.from(output));
	assert.ok(emulator.history);
	return emulator.history;
}

describe("a history as text", () => {
	it("has every line once, wrapped ones whole, and none of the blank rows at the end", () => {
		const long = `${"0123456789".repeat(5)}漢字`;
		const history = historyOf(`one\r\n${long}\r\n\r\ntwo \r\n`.concat("x\r\n".repeat(3), "\x1b[J"));
		assert.deepEqual(historyPiece(history, 0, false), { text: `one\n${long}\n\ntwo\nx\nx\nx\n` });
	});

	it("has colours if wanted, none of them beyond the end of a line", () => {
		const history = historyOf("\x1b[1;31mred\x1b[m and \x1b[44mblue\r\n\r\n\r\n\r\n\r\n\x1b[m");
		const [line] = historyPiece(history, 0, true).text.split("\n");
		assert.equal(line, "\x1b[1;31mred\x1b[m and \x1b[44mblue\x1b[m");
		assert.ok(!historyPiece(history, 0, false).text.includes("\x1b"));
	});

	it("comes in pieces that make up the whole, also while old lines go", () => {
		const output = Array.from({ length: 4_000 }, (_, index) => `${index} ${"x".repeat(40)}`).join("\r\n");
		const history = historyOf(output, 60);
		let [text, pieces] = ["", 0];
		for (let from: number | undefined = 0; from !== undefined; pieces++) {
			const piece = historyPiece(history, from, false);
			assert.ok(piece.text.length < 70_000);
			text += piece.text;
			from = piece.next;
		}
		assert.equal(text, `${output.replaceAll("\r", "")}\n`);
		assert.ok(pieces > 2, `${pieces} pieces`);
		assert.match(historyPiece(historyOf(output, 60, 10), 0, false).text, /^3986 x/);
	});
});
