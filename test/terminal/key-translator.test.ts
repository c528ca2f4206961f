/** Translation of cursor keys: arrows as recorded from the stock server, Home and End unlike it; and where keys are split. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Emulator, KeyTranslator } from "../../src/terminal/index.js";

const FILE = new URL("../fixtures/wire/replies-and-keys.json", import.meta.url);
const fixture = JSON.parse(readFileSync(FILE, "utf8")) as {
	readonly keys: readonly {
		readonly mode_hex: string;
		readonly frames_hex: readonly string[];
		readonly pty_hex: string;
	}[];
};

/** Home and End, which the stock server passes on as they are even outside of application mode. */
const UNLIKE_STOCK = /1b4f4[68]/;

describe("recorded keys", () => {
	// One emulator for all cases: the mode persisted while they were recorded.
	const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
	for (const { mode_hex, frames_hex, pty_hex } of fixture.keys.filter(
		({ frames_hex }) => !UNLIKE_STOCK.test(frames_hex.join("")),
	)) {
		test(`${mode_hex} then ${frames_hex.join(" ")}`, () => {
			emulator.write(Buffer.from(mode_hex, "hex"));
			const translator = new KeyTranslator();
			const sent = frames_hex.map((hex) =>
				translator.translate(Buffer.from(hex, "hex"), emulator.applicationCursorKeys),
			);
			assert.equal(Buffer.concat(sent).toString("hex"), pty_hex);
		});
	}
});

describe("a key split over client states", () => {
	const cases: readonly (readonly [keys: string, application: boolean, pty: string])[] = [
		["\x1bOA", false, "\x1b[A"],
		["\x1bOD", false, "\x1b[D"],
		["\x1bOA", true, "\x1bOA"],
		["\x1bOH\x1bOF", false, "\x1b[H\x1b[F"],
		["\x1bOH\x1bOF", true, "\x1bOH\x1bOF"],
		["\x1bOG\x1bOP", false, "\x1bOG\x1bOP"],
		["\x1bOE", false, "\x1bOE"],
		["\x1b\x1bOB", false, "\x1b\x1bOB"],
		["O\x1b[A\x1bOx", false, "O\x1b[A\x1bOx"],
	];
	for (const [keys, application, pty] of cases) {
		test(`${JSON.stringify(keys)} ${application ? "in" : "outside of"} application mode`, () => {
			for (let cut = 0; cut <= keys.length; cut++) {
				const translator = new KeyTranslator();
				const sent = [keys.slice(0, cut), keys.slice(cut)].map((part) =>
					translator.translate(Buffer.from(part), application),
				);
				assert.equal(Buffer.concat(sent).toString(), pty, `cut at ${cut}`);
			}
		});
	}

	test("an O after ESC is held back until the next byte", () => {
		const translator = new KeyTranslator();
		assert.equal(Buffer.from(translator.translate(Buffer.from("\x1bO"), false)).toString(), "\x1b");
		assert.equal(Buffer.from(translator.translate(Buffer.from("x"), false)).toString(), "Ox");
	});
});
