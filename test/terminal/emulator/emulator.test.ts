/** The emulator itself: synchronous, exact about bytes, bounded, sharing what did not change. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Emulator, type Screen } from "../../../src/terminal/index.js";
import { textsOf } from "../../support/as-xterm.js";
import { output } from "../../support/program-output.js";
import { pictureOfScreen } from "../../support/screen-picture.js";

function create(columns = 80, rows = 24): Emulator {
	return new Emulator({ columns, rows, onReply: () => {} });
}

function screenOf(output: string | Uint8Array, columns = 80, rows = 24): Screen {
	const emulator = create(columns, rows);
	emulator.write(typeof output === "string" ? Buffer.from(output) : output);
	return emulator.snapshot();
}

describe("write", () => {
	// The guard on what is not promised by xterm.js: fails when a later version defers these writes.
	test("is done on return, however many and large the writes", () => {
		const emulator = create();
		for (let index = 0; index < 200; index++) {
			emulator.write(Buffer.from(`\x1b[Hline ${index}\x1b[K`));
			assert.equal(textsOf(emulator.snapshot())[0], `line ${index}`);
		}
		const large = Buffer.alloc(5_000_000, "0123456789abcdef\r\n");
		emulator.write(Buffer.concat([large, Buffer.from("\x1b[2J\x1b[Hend")]));
		assert.equal(textsOf(emulator.snapshot())[0], "end");
	});

	test("sets no timer", (context) => {
		const emulator = create();
		const timers = context.mock.method(globalThis, "setTimeout");
		for (let index = 0; index < 100; index++) {
			emulator.write(Buffer.from("text\r\n".repeat(1000)));
		}
		assert.equal(timers.mock.callCount(), 0);
	});

	test("takes a character split over writes at any byte", () => {
		const bytes = Buffer.from("é漢😀\x1b[31mx");
		for (let cut = 1; cut < bytes.length; cut++) {
			const emulator = create();
			emulator.write(bytes.subarray(0, cut));
			emulator.write(bytes.subarray(cut));
			assert.equal(textsOf(emulator.snapshot())[0], "é漢😀x", `cut at ${cut}`);
		}
	});

	const malformed: readonly (readonly [hex: string, text: string])[] = [
		["61ff62", "a\ufffdb"],
		["e4b862", "\ufffdb"],
		["c0af", "\ufffd\ufffd"],
		["eda080", "\ufffd\ufffd"],
		["e08080", "\ufffd\ufffd"],
		["f490808062", "\ufffdb"],
		["f88880808062", "\ufffdb"],
		["e4e4b8ad", "\ufffd中"],
		["e4b81b5b316d62", "\ufffdb"],
	];
	for (const [hex, text] of malformed) {
		test(`malformed UTF-8 ${hex} byte by byte and at once`, () => {
			const bytes = Buffer.from(hex, "hex");
			assert.equal(textsOf(screenOf(bytes))[0], text);
			const emulator = create();
			for (const byte of bytes) {
				emulator.write(Uint8Array.of(byte));
			}
			assert.equal(textsOf(emulator.snapshot())[0], text);
		});
	}

	test("absurd counts neither hang nor fail", () => {
		const emulator = create();
		for (const final of "@ABCDEFGHIJKLMPSTXZ`abdeghlnrst") {
			emulator.write(Buffer.from(`漢\x1b[2147483647${final}\x1b[99999999999;99999999999${final}`));
		}
		emulator.write(Buffer.from("\x1bcok"));
		assert.equal(textsOf(emulator.snapshot())[0], "ok");
	});

	test("an endless run of marks keeps cells small", () => {
		const emulator = create();
		emulator.write(Buffer.from(`e${"\u0301".repeat(100_000)}`));
		emulator.write(Buffer.from("\x1b[m\u0301".repeat(20_000)));
		const longest = Math.max(
			...pictureOfScreen(emulator.snapshot()).lines.flatMap(({ cells }) => cells.map((c) => c.text.length)),
		);
		assert.ok(longest > 1 && longest <= 32, `${longest} units in a cell`);
	});

	test("marks after a change of rendition stay with their character", () => {
		assert.equal(textsOf(screenOf("e\x1b[4m\u0301x"))[0], "e\u0301x");
		assert.equal(textsOf(screenOf("漢\x1b[4m\u3099x"))[0], "漢\u3099x");
	});

	test("50 MB in chunks hold no memory", () => {
		const emulator = create();
		const chunk = Buffer.from("\x1b[32mflood\x1b[m 漢字 \x1b]0;t\x07\r\n".repeat(2000));
		const turn = (): number => {
			for (let sent = 0; sent < 25_000_000; sent += chunk.length) {
				emulator.write(chunk);
			}
			const { arrayBuffers, heapTotal } = process.memoryUsage();
			return arrayBuffers + heapTotal;
		};
		const half = turn();
		assert.ok(turn() - half < 32_000_000);
	});
});

describe("snapshot", () => {
	test("is the same object until something visible changes", () => {
		const emulator = create();
		emulator.write(Buffer.from("text"));
		const first = emulator.snapshot();
		assert.equal(emulator.snapshot(), first);
		emulator.write(Buffer.from("\x1b[31m\x1b[m\x1b[?25l\x1b[?25h\bt\x1b7\x1b8"));
		assert.equal(emulator.snapshot(), first);
	});

	test("shares unchanged rows, also those that scrolled", () => {
		const emulator = create(20, 4);
		emulator.write(Buffer.from("one\r\ntwo\r\nthree\r\nfour"));
		const before = emulator.snapshot();
		emulator.write(Buffer.from("\r\nfive"));
		const after = emulator.snapshot();
		assert.deepEqual(textsOf(after), ["two", "three", "four", "five"]);
		for (const row of [0, 1, 2]) {
			assert.equal(after.lines[row], before.lines[row + 1]);
		}
		assert.deepEqual(textsOf(before), ["one", "two", "three", "four"], "an older snapshot stays as it was");
	});

	test("holds titles of at most 254 code points", () => {
		const screen = screenOf(`\x1b]0;${"😀".repeat(300)}\x07`);
		assert.equal([...screen.title].length, 254);
		assert.equal(screen.iconName, screen.title);
	});

	test("holds of a clipboard what the client takes", () => {
		assert.equal(screenOf(`\x1b]52;c;${"QUJD".repeat(10_000)}\x07`).clipboard.length, 16376);
	});

	test("tells that the same text was copied again", () => {
		const emulator = create();
		const screens = ["QUJD", "QUJD", "QUJD"].map((text) => {
			emulator.write(Buffer.from(`\x1b]52;;${text}\x07`));
			return emulator.snapshot();
		});
		assert.deepEqual(
			screens.map(({ copies }) => copies),
			[1, 2, 3],
		);
	});

	test("does not wait for the end of a synchronized update, but keeps what was there before it", () => {
		const emulator = create();
		emulator.write(Buffer.from("whole\r\x1b[?2026hhalf"));
		assert.equal(emulator.synchronizedUpdate, 1);
		assert.equal(textsOf(emulator.settled())[0], "whole");
		assert.equal(textsOf(emulator.snapshot())[0], "halfe");
		emulator.write(Buffer.from("\x1b[?2026l"));
		assert.equal(emulator.synchronizedUpdate, undefined);
		emulator.write(Buffer.from("\x1b[?2026h\x1b[2J\x1b[?2026hx"));
		assert.equal(emulator.synchronizedUpdate, 2);
		assert.equal(textsOf(emulator.settled())[0], "halfe");
	});

	test("takes no more screens of updates than are read", (t) => {
		const emulator = create();
		const taken = t.mock.method(emulator, "snapshot").mock;
		emulator.write(Buffer.from("x\x1b[?2026h\x1b[?2026l".repeat(1000)));
		assert.equal(taken.callCount(), 1);
	});

	const renditions: readonly (readonly [output: string, rendition: string])[] = [
		["\x1b[1;31m\x1b7\x1b[0m\x1b8", "bold red"],
		["\x1b[1;31m\x1b[s\x1b[0m\x1b[u", "bold red"],
		["\x1b[1;31m\x1b[?1049h\x1b[0m\x1b[?1049l", "bold red"],
		["\x1b[1;31m\x1b7\x1b[?1049h\x1b[m\x1b8", "plain"],
		["\x1b[1;31m\x1b[!p", "plain"],
		["\x1b[1;31m\x1b7\x1bc\x1b8", "plain"],
		["\x1b[38;5;1;1m", "bold red"],
		["\x1b[38:5:1m\x1b[1m", "bold red"],
		["\x1b[58;2;1;4;7;1;31m", "bold red"],
		["\x1b[58:2::1:4:7;1;31m", "bold red"],
		["\x1b[58:2:1:4:7;1;31m", "bold red"],
	];
	for (const [output, expected] of renditions) {
		test(`knows the rendition after ${JSON.stringify(output)}, as the next character shows`, () => {
			const screen = screenOf(`${output}\x1b[HX`);
			const { rendition, lines } = pictureOfScreen(screen);
			assert.deepEqual(lines[0]?.cells[0]?.rendition, rendition);
			assert.equal(rendition.bold && rendition.foreground === 1 ? "bold red" : "plain", expected);
		});
	}
});

test("the rendition is known after any output", () => {
	fc.assert(
		fc.property(output, (text) => {
			const screen = screenOf(`${text}\x1b[?6l\x1b[4l\x1b(B\x0f\x1b[HX`);
			const { rendition, lines } = pictureOfScreen(screen);
			assert.deepEqual(lines[0]?.cells[0], { text: "X", width: 1, rendition });
		}),
		{ numRuns: 500, includeErrorInReport: true },
	);
});

describe("resize", () => {
	test("neither reflows nor loses the line of the cursor", () => {
		const emulator = create(20, 4);
		emulator.write(Buffer.from("a long line of text\r\nsecond\r\nthird\r\nprompt$ "));
		emulator.resize(10, 2);
		assert.deepEqual(textsOf(emulator.snapshot()), ["third", "prompt$"]);
		emulator.resize(20, 4);
		assert.deepEqual(textsOf(emulator.snapshot()), ["third", "prompt$", "", ""]);
	});

	test("what was cut off does not come back by deleting characters", () => {
		const emulator = create(20, 3);
		for (const column of [1, 10, 15, 20]) {
			emulator.resize(20, 3);
			emulator.write(Buffer.from(`\x1b[H0123456789abcdefghij\x1b[1;${column}H`));
			emulator.resize(10, 3);
			emulator.write(Buffer.from("\r\x1b[2P"));
			assert.equal(textsOf(emulator.snapshot())[0], "23456789");
		}
	});

	test("keeps the saved cursor's column, and the cursor's, as far as there is one", () => {
		for (const [saved, to, expected] of [
			[79, 60, 59],
			[59, 60, 59],
			[58, 60, 58],
			[10, 60, 10],
			[79, 2, 1],
		] as const) {
			for (const cursor of [1, 58, 59, 60, 80]) {
				const emulator = create(80, 4);
				emulator.write(Buffer.from(`\x1b[1;${saved + 1}H\x1b7\x1b[2;${cursor}H`));
				emulator.resize(to, 4);
				assert.equal(emulator.snapshot().cursorColumn, Math.min(cursor, to) - 1);
				emulator.write(Buffer.from("\x1b8"));
				assert.equal(emulator.snapshot().cursorColumn, expected);
			}
		}
	});

	test("half a wide character at the new margin is blank", () => {
		const emulator = create(20, 2);
		emulator.write(Buffer.from("\x1b[4m漢字"));
		emulator.resize(3, 2);
		const cell = pictureOfScreen(emulator.snapshot()).lines[0]?.cells[2];
		assert.equal(cell?.text, " ");
		assert.equal(cell?.rendition.underlined, false);
	});

	for (const [columns, rows] of [
		[0, 0],
		[-5, -1],
		[1, 1],
		[2 ** 31, 2 ** 31],
		[Number.NaN, Number.NaN],
		[Number.POSITIVE_INFINITY, 1e300],
		[79.9, 23.2],
	] as const) {
		test(`takes ${columns}x${rows}`, () => {
			const emulator = create();
			emulator.resize(columns, rows);
			emulator.write(Buffer.from("x\r\ny漢"));
			const screen = emulator.snapshot();
			assert.ok(screen.columns >= 2 && screen.columns <= 1000, `${screen.columns} columns`);
			assert.ok(screen.rows >= 1 && screen.rows <= 500, `${screen.rows} rows`);
			assert.equal(screen.lines.length, screen.rows);
			assert.equal(emulator.columns, screen.columns);
			assert.equal(emulator.rows, screen.rows);
		});
	}
});
