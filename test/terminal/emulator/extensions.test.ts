/** What the screen holds with extensions, and that without them it does not. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emulator } from "../../../src/terminal/index.js";
import type { Extension } from "../../../src/terminal/screen/extensions.js";
import { INDEXED } from "../../../src/terminal/screen/rendition.js";

function screenWith(output: string, ...extensions: readonly Extension[]) {
	const emulator = new Emulator({ columns: 20, rows: 2, extensions: new Set(extensions), onReply: () => {} });
	emulator.write(Buffer.from(output));
	return emulator.snapshot();
}

const LINK = "id=1;https://a.example/b";
const extraAt = (column: number, output: string, ...extensions: readonly Extension[]) =>
	screenWith(output, ...extensions).lines[0]?.extraAt(column);

describe("hyperlinks", () => {
	const output = `\x1b]8;${LINK}\x1b\\a\x1b]8;;\x1b\\b`;

	test("are those of the cells printed while they are open", () => {
		assert.equal(extraAt(0, output, "links")?.link, LINK);
		assert.equal(extraAt(1, output, "links"), undefined);
		assert.equal(extraAt(0, output), undefined);
	});

	test("that are no address of printable ASCII, or endless, are none", () => {
		for (const link of ["https://a.example", ";https://ä.example", `;https://${"a".repeat(2200)}`]) {
			assert.equal(
				extraAt(0, `\x1b]8;${LINK}\x07\x1b]8;${link}\x07x`, "links"),
				undefined,
				link.slice(0, 30),
			);
		}
	});
});

test("an underline has its kind and colour", () => {
	const output = "\x1b[4:3;58:5:1ma";
	assert.deepEqual(extraAt(0, output, "underline"), {
		underlineStyle: 3,
		underlineColour: INDEXED | 1,
		link: "",
	});
	assert.equal(extraAt(0, output), undefined);
});

test("the cursor has its shape until a reset, and no other than there is", () => {
	assert.equal(screenWith("\x1b[4 q", "cursor").cursorShape, 4);
	assert.equal(screenWith("\x1b[4 q\x1b[7 q", "cursor").cursorShape, 4);
	assert.equal(screenWith("\x1b[4 q\x1b[0 q", "cursor").cursorShape, 0);
	assert.equal(screenWith("\x1b[4 q\x1bc", "cursor").cursorShape, 0);
	assert.equal(screenWith("\x1b[4 q").cursorShape, 0);
});
