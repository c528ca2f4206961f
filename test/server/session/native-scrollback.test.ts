/**
 * Native scrollback: what a client's terminal has in its own scrollback is what it would have without mosh. The client here is
 * the model of the stock one, whose emulator and drawing are written from the protocol; the real one is in test/e2e.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LinkOptions } from "../../support/lossy-link.js";
import { SeededRandom } from "../../support/random.js";
import { MARKER, ScrollbackRig, type ScrollbackRigOptions } from "../../support/scrollback-rig.js";
import { scrollingProgram } from "../../support/scrolling-program.js";

/** More by hand: MOSH_TEST_SEEDS=1000. */
const SEEDS = Number(process.env.MOSH_TEST_SEEDS ?? 100);

const numbered = (from: number, to: number, text = "line"): string =>
	Array.from({ length: to - from + 1 }, (_, index) => `${text} ${from + index}\r\n`).join("");

function assertKept(rig: ScrollbackRig, message?: string): void {
	assert.deepEqual(rig.display.lines, rig.nativeLines, message);
	assert.equal(
		rig.display.regionScrolls,
		0,
		`only line feeds at the bottom are saved everywhere; ${message}`,
	);
}

function runProgram(seed: number, link: LinkOptions): ScrollbackRig {
	const random = new SeededRandom(seed);
	const [rows, columns] = [4 + random.below(21), 30 + random.below(60)];
	const delay = random.below(100);
	const rig = new ScrollbackRig({ link: { delay, ...link }, seed, rows, columns, strict: false });
	for (const { text, pause } of scrollingProgram(random, rows, columns)) {
		rig.output(text);
		rig.run(pause);
	}
	assert.ok(rig.settle(), `seed ${seed}: the client does not come to the program's screen`);
	return rig;
}

describe("random programs leave the scrollback that they leave without mosh", () => {
	// The last seeds of each: rare cases that were wrong once.
	for (const [name, link, first, rare] of [
		["on a good path", {}, 0, []],
		["with 5 % loss", { loss: 0.05 }, 10_000, []],
		[
			"with 8 % loss, jitter and repetition",
			{ loss: 0.08, jitter: 60, duplication: 0.05 },
			20_000,
			// An acknowledgement that comes late, of what has arrived long after it was first sent.
			[21_190, 22_477],
		],
		// Lines from before the client's first acknowledgement; a late one that measures no round trip.
		["with 15 % loss", { loss: 0.15 }, 30_000, [30_052, 30_138, 31_987]],
	] as const) {
		test(name, () => {
			const seeds = Array.from({ length: SEEDS / 4 }, (_, index) => first + index);
			for (const seed of [...seeds, ...rare]) {
				assertKept(runProgram(seed, link), `seed ${seed}`);
			}
		});
	}
});

/** On a screen of ten rows. Where xterm.js keeps other lines than xterm does, it is not asked: `CSI S`, DECSC. */
const PROGRAMS: Readonly<Record<string, readonly (string | number)[]>> = {
	"marks at the right edge": Array.from(
		{ length: 60 },
		(_, at) => `${"x".repeat(30 + (at % 12))}e\u0301 ${at}\r\n`,
	),
	"more marks than a cell takes": Array.from({ length: 40 }, (_, at) => `e${"\u0301".repeat(at)}z ${at}\r\n`),
	"wide characters that have no room at the right edge": Array.from(
		{ length: 60 },
		(_, at) => `${"x".repeat(30 + (at % 12))}漢字漢字漢字 ${at}\r\n`,
	),
	"halves of wide characters": Array.from({ length: 40 }, (_, at) => `漢字漢字\x1b[2Dx\x1b[4Dy ${at}\r\n`),
	"a long line of wide characters": ["漢字x".repeat(1_500), `\r\n${numbered(1, 20)}`],
	"a long line that comes slowly": [
		...Array.from({ length: 50 }, () => ["z".repeat(333), 13]).flat(),
		"\r\n",
	],
	"tabs, and stops of its own": [
		"\t1\t2\t3\t4\t5\t6\r\n".repeat(30),
		"\x1b[3g\x1b[4G\x1bH\x1b[11G\x1bH\r",
		"\t1\t2\t3\r\n".repeat(30),
	],
	"a region from the top, which is kept, and one below it, which is not": [
		numbered(1, 20),
		"\x1b[1;5r\x1b[5;1H",
		100,
		numbered(21, 60),
		"\x1b[2;5r\x1b[5;1H",
		100,
		numbered(61, 90),
		100,
		"\x1b[r\x1b[10;1H",
		numbered(91, 120),
	],
	"lines that are inserted and deleted at the top": [
		numbered(1, 20),
		50,
		"\x1b[H\x1b[3Linserted",
		50,
		"\x1b[H\x1b[4M",
		50,
		"\x1b[H\x1bM\x1bMabove\x1b[10;1H",
		50,
		numbered(21, 40),
	],
	"index and next line": [numbered(1, 20), "\x1b[10;1H\x1bD\x1bD\x1bE", 100, numbered(21, 40)],
	"the alternate screen by any name": ["47", "1047", "1049"].flatMap((mode) => [
		numbered(1, 30),
		50,
		`\x1b[?${mode}h\x1b[H\x1b[2J${numbered(1, 40, "no line")}`,
		100,
		`\x1b[?${mode}l`,
	]),
	"an alternate screen that comes and goes": Array.from({ length: 20 }, (_, at) => [
		"\x1b[?1049h\x1b[2J\x1b[Hx",
		7,
		`\x1b[?1049l${numbered(3 * at, 3 * at + 2)}`,
		11,
	]).flat(),
	"an alternate screen before the lines have been told": [
		`${numbered(1, 900)}\x1b[?1049h\x1b[2J\x1b[Hfull screen`,
		20,
		"\x1b[?1049l",
		numbered(901, 950),
	],
	"origin mode, no wraps, inserting": [
		numbered(1, 20),
		"\x1b[3;8r\x1b[?6h\x1b[6;1H",
		numbered(21, 40),
		30,
		"\x1b[?6l\x1b[r\x1b[10;1H\r\n",
		`\x1b[?7l${`${"y".repeat(60)}\r\n`.repeat(20)}\x1b[?7h`,
		"\x1b[4habc\r\nabc\rX\r\n\x1b[4l",
		numbered(41, 60),
	],
	"lines of a background of their own": [`\x1b[44m${numbered(1, 30)}\x1b[K\x1b[m`, numbered(31, 60)],
};

describe("what programs do leaves the scrollback that it leaves without mosh", () => {
	for (const [name, parts] of Object.entries(PROGRAMS)) {
		test(name, () => {
			for (const [columns, rows, loss] of [
				[40, 10, 0],
				[40, 10, 0.1],
				[500, 10, 0],
			] as const) {
				const rig = new ScrollbackRig({ link: { delay: 20, loss }, columns, rows });
				for (const part of parts) {
					if (typeof part === "number") {
						rig.run(part);
					} else {
						rig.output(part);
					}
				}
				assert.ok(rig.settle());
				assertKept(rig, `${columns} columns, ${loss} lost`);
			}
		});
	}
});

describe("what scrolls off while the client shows predictions", () => {
	for (const [name, before] of [
		["on a screen with room below", ""],
		["at the bottom of the screen", numbered(1, 40, "before")],
	] as const) {
		test(`is kept ${name}`, () => {
			for (const delay of [5, 50, 200]) {
				for (const echoMs of [0, 10, 45, 70]) {
					const rig = new ScrollbackRig({ link: { delay } });
					rig.output(`${before}$ `);
					rig.run(1_000);
					rig.predict("seq");
					rig.run(1_000, () => rig.pty.written === "seq");
					rig.output("seq");
					rig.run(echoMs);
					rig.output(`\r\n${numbered(1, 60)}$ `);
					assert.ok(rig.settle(), "the predictions are gone");
					assertKept(rig, `with a delay of ${delay} ms, ${echoMs} ms after the echo`);
				}
			}
		});
	}
});

describe("a flood", () => {
	/** `count` lines in one go, and what came of it. */
	function flooded(
		count: number,
		options: ScrollbackRigOptions = {},
	): { rig: ScrollbackRig; marker: number } {
		const rig = new ScrollbackRig({ link: { delay: 25 }, lines: 500, ...options });
		rig.output(numbered(1, 5, "before"));
		rig.run(500);
		for (let line = 1; line <= count; line += 1_000) {
			rig.output(numbered(line, Math.min(count, line + 999)));
			rig.run(5);
		}
		rig.output("$ ");
		assert.ok(rig.settle());
		const { lines } = rig.display;
		const markers = lines.flatMap((line, index) => (MARKER.test(line) ? [index] : []));
		assert.equal(markers.length, 1, "one line says that some were left out");
		return { rig, marker: markers[0] as number };
	}

	test("leaves one line with the true number of lines skipped, and the last ones after it", () => {
		const { rig, marker } = flooded(20_000);
		const { lines } = rig.display;
		const native = rig.nativeLines;
		assert.deepEqual(
			lines.slice(0, marker),
			native.slice(0, marker),
			"what was on the screen before is kept",
		);
		const skipped = Number(MARKER.exec(lines[marker] as string)?.[1]);
		assert.equal(lines.length - 1 + skipped, native.length);
		assert.deepEqual(lines.slice(marker + 1), native.slice(marker + skipped));
		assert.equal(lines.length - marker - 1 - rig.native.rows, 500, "as many above the screen as asked for");
	});

	test("that comes at once, and pushes what was on the screen out of the history, leaves it in the scrollback", () => {
		for (const before of [1, 10, 40]) {
			const rig = new ScrollbackRig({ link: { delay: 25 }, lines: 500 });
			rig.output(numbered(1, before, "before"));
			rig.run(1_000);
			rig.output(numbered(1, 20_000));
			assert.ok(rig.settle());
			const { lines } = rig.display;
			const native = rig.nativeLines;
			const marker = lines.findIndex((line) => MARKER.test(line));
			assert.deepEqual(lines.slice(0, marker).slice(0, before), native.slice(0, before));
			assert.deepEqual(lines.slice(0, marker), native.slice(0, marker));
			const skipped = Number(MARKER.exec(lines[marker] as string)?.[1]);
			assert.deepEqual(lines.slice(marker + 1), native.slice(marker + skipped));
		}
	});

	test("that a full-screen program follows at once does not keep that one from the screen", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 }, lines: 500 });
		rig.output(`${numbered(1, 20_000)}\x1b[?1049h\x1b[Hfull screen`);
		assert.ok(rig.settle());
		assert.equal(rig.display.lines.at(-rig.native.rows), "full screen");
		rig.output("\x1b[?1049l$ ");
		assert.ok(rig.settle());
		const { lines } = rig.display;
		const marker = lines.findIndex((line) => MARKER.test(line));
		const skipped = Number(MARKER.exec(lines[marker] as string)?.[1]);
		assert.deepEqual(lines.slice(marker + 1), rig.nativeLines.slice(marker + skipped));
	});

	test("shows what passes and how much has, while it passes", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 }, lines: 500 });
		const seen = new Set<string>();
		for (let line = 1; line <= 50_000; line += 500) {
			rig.output(numbered(line, line + 499));
			rig.run(5);
			seen.add(rig.display.screen[0] ?? "");
		}
		const counters = [...seen].flatMap(
			(text) => /^\[mosh: (\d+) lines pass by\]$/.exec(text)?.slice(1) ?? [],
		);
		assert.ok(counters.length >= 5, `${[...seen].slice(0, 5)}`);
		assert.deepEqual(
			counters,
			counters.toSorted((a, b) => Number(a) - Number(b)),
		);
	});

	test("ends at once for the user who interrupts it", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 }, lines: 2_000 });
		for (let line = 1; line <= 20_000; line += 500) {
			rig.output(numbered(line, line + 499));
			rig.run(5);
		}
		rig.pty.answer = (text) => {
			if (text === "\x03") {
				rig.output("^C\r\n$ ");
			}
		};
		rig.type("\x03");
		assert.ok(
			rig.run(250, () => rig.display.screen.at(-1) === "$"),
			"within 250 ms at a round trip of 50",
		);
		assert.ok(rig.settle());
		const { lines } = rig.display;
		const marker = lines.findIndex((line) => MARKER.test(line));
		assert.equal(lines.length - marker - 1 - rig.native.rows, 240, "ten screens");
		assert.deepEqual(lines.slice(marker + 1), rig.nativeLines.slice(-264));
	});

	/**
	 * From Ctrl-C in a flood of the same line to the sight of the prompt (ms), on average; the round trip takes 50.
	 * @param cut pieces of output as the terminal gives them, which end anywhere
	 */
	function timeToPrompt(native: boolean, cut: readonly [string, string]): number {
		let sum = 0;
		const moments = 12;
		for (let moment = 0; moment < moments; moment++) {
			const rig = new ScrollbackRig({ link: { delay: 25 }, native, strict: false });
			let floods = true;
			rig.pty.answer = () => {
				floods = false;
				rig.output("^C\r\n$ ");
			};
			let piece = 0;
			const flood = (ms: number, done = () => false): boolean => {
				const end = rig.clock.now() + ms;
				while (rig.clock.now() < end && !done()) {
					if (floods) {
						rig.output(cut[piece++ % 3 === 1 ? 1 : 0]);
					}
					rig.run(2, done);
				}
				return done();
			};
			flood(700 + 23 * moment);
			rig.type("\x03");
			const typedAt = rig.clock.now();
			assert.ok(flood(500, () => rig.display.screen.includes("$")));
			sum += (rig.clock.now() - typedAt) / moments;
		}
		return sum;
	}

	test("of the same line is answered at once, with native scrollback and without: hardly a frame is in the way", () => {
		const lines = "y\r\n".repeat(200);
		const without = timeToPrompt(false, [lines, lines]);
		assert.ok(without < 60, `a round trip, and 8 ms that the answer may go on for: ${without}`);
		const took = timeToPrompt(true, [lines, lines]);
		assert.ok(took < 1.05 * without, `${took} against ${without}`);
		for (const native of [false, true]) {
			const cut = timeToPrompt(native, [`${lines}y`, `\r\n${lines}`]);
			assert.ok(
				cut < 1.05 * without,
				`${cut} against ${without} where lines arrive in parts, native: ${native}`,
			);
		}
	});

	for (const [name, link] of [
		["at once", { delay: 0 }],
		["at a round trip of 50 ms", { delay: 25 }],
		["at one of 200 ms", { delay: 100 }],
		["with 5 % loss", { delay: 25, loss: 0.05 }],
	] as const) {
		test(`is told whole where so many lines are asked for, ${name}`, () => {
			const rig = new ScrollbackRig({ link, lines: 30_000, strict: false });
			rig.output(numbered(1, 20_000));
			assert.ok(rig.settle());
			assertKept(rig);
		});
	}

	test("many lines that are no flood all arrive, also on a narrow link", () => {
		const link = { delay: 25, rate: 32_000, queue: 8_000 };
		const rig = new ScrollbackRig({ link, strict: false });
		const { server } = rig.link;
		const { sent } = server;
		rig.output(numbered(1, 1_900));
		assert.ok(rig.settle());
		assertKept(rig);
		assert.ok(server.dropped / (server.sent - sent) < 0.02, `${server.dropped} datagrams were dropped`);
	});
});

/** How many bytes a session takes that works in an editor: opens it, scrolls either way by lines and pages, types, and leaves. */
function bytesOfEditor(native: boolean): number {
	const [rows, text] = [24, (line: number) => `${line}: ${"a line of the file ".repeat(line % 4)}`];
	const page = (from: number): string =>
		Array.from({ length: rows - 1 }, (_, row) => `\x1b[${row + 1}H${text(from + row)}\x1b[K`).join("");
	const rig = new ScrollbackRig({ link: { delay: 25 }, native });
	rig.output(numbered(1, 50, "before"));
	assert.ok(rig.settle());
	const { sentBytes } = rig.link.server;
	rig.output(`\x1b[?1049h\x1b[2J${page(0)}\x1b[${rows}H"file"`);
	rig.run(200);
	let top = 0;
	for (let step = 0; step < 100; step++) {
		const down = step % 20 < 12;
		top += down ? 1 : -1;
		const line = down ? `\x1b[${rows - 1}H\n${text(top + rows - 2)}` : `\x1b[H\x1bM${text(top)}`;
		rig.output(`\x1b[1;${rows - 1}r${line}\x1b[r\x1b[${rows};60H${top}\x1b[K\x1b[12;5H`);
		rig.run(100);
	}
	for (const key of "typed in a line of the file") {
		rig.output(key);
		rig.run(100);
	}
	rig.output(`${page(500)}\x1b[5;9H`);
	rig.run(100);
	rig.output("\x1b[?1049l$ ");
	assert.ok(rig.settle());
	assert.ok(!native || rig.display.lines.every((line, at) => line === rig.nativeLines[at]));
	return rig.link.server.sentBytes - sentBytes;
}

test("an editor costs hardly more bytes than without native scrollback: it scrolls within the client", () => {
	const [without, took] = [bytesOfEditor(false), bytesOfEditor(true)];
	assert.ok(took < 1.1 * without, `${took} bytes against ${without}`);
});

describe("what else comes between", () => {
	test("a line that goes on in the next row only later is one line all the same", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 } });
		rig.output(`${numbered(1, 30)}${"x".repeat(80)}`);
		assert.ok(rig.settle());
		rig.output("y".repeat(80));
		assert.ok(rig.settle());
		rig.output(`z\r\n${numbered(31, 60)}`);
		assert.ok(rig.settle());
		assertKept(rig);
		const long = rig.display.copied.filter((line) => line.startsWith("x"));
		assert.deepEqual(long, [`${"x".repeat(80)}${"y".repeat(80)}z`]);
	});

	test("an outage: no line is lost, and the client's own bar is not kept", () => {
		const link = { delay: 25 };
		const rig = new ScrollbackRig({ link });
		rig.output(numbered(1, 100));
		rig.run(300);
		rig.link.options = { ...link, loss: 1 };
		const { sent } = rig.link.server;
		for (let line = 101; line <= 190; line++) {
			rig.output(numbered(line, line));
			rig.run(100);
		}
		assert.ok(rig.link.server.sent - sent < 40, `${rig.link.server.sent - sent} datagrams in vain`);
		rig.link.options = link;
		rig.output(numbered(191, 300));
		assert.ok(rig.settle());
		assertKept(rig);
	});

	for (const awayMs of [2_000, 20_000, 60_000]) {
		test(`a client that sleeps through 100,000 lines, for ${awayMs / 1_000} s`, () => {
			const link = { delay: 25 };
			const rig = new ScrollbackRig({ link, strict: false });
			rig.output(numbered(1, 50, "before"));
			assert.ok(rig.settle());
			rig.link.options = { loss: 1 };
			for (let line = 1; line <= 100_000; line += 1_000) {
				rig.output(numbered(line, line + 999));
				rig.run(awayMs / 100);
			}
			rig.run(500);
			rig.link.options = link;
			assert.ok(rig.settle());
			const { lines } = rig.display;
			const native = rig.nativeLines;
			const markers = lines.flatMap((line, at) => (MARKER.test(line) ? [at] : []));
			const [marker = 0] = markers;
			const skipped = Number(MARKER.exec(lines[marker] ?? "")?.[1]);
			assert.equal(markers.length, 1);
			assert.deepEqual(lines.slice(0, marker), native.slice(0, marker));
			assert.deepEqual(lines.slice(marker + 1), native.slice(marker + skipped));
			assert.equal(lines.length - marker - 1 - rig.native.rows, 2_000);
		});
	}

	test("a history that the program clears: what has not been told yet is gone, and nobody is told that it is missing", () => {
		for (const clear of ["\x1b[H\x1b[2J\x1b[3J", "\x1bc"]) {
			const rig = new ScrollbackRig({ link: { delay: 25 } });
			rig.output(numbered(1, 500));
			rig.run(30);
			rig.output(`${clear}after\r\n`);
			assert.ok(rig.settle());
			rig.output(numbered(1, 60, "after"));
			assert.ok(rig.settle());
			const { lines } = rig.display;
			const after = ["after", ...Array.from({ length: 60 }, (_, index) => `after ${1 + index}`), ""];
			assert.deepEqual(lines.slice(lines.indexOf("after")), after, JSON.stringify(clear));
			assert.deepEqual(
				lines.filter((line) => line.startsWith("[mosh")),
				[],
			);
		}
	});

	test("a screen of one row, which cannot scroll: the lines come when it is higher", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 }, rows: 1 });
		rig.output(numbered(1, 30));
		rig.run(500);
		rig.resize(80, 24);
		rig.run(500);
		rig.output(numbered(31, 60));
		assert.ok(rig.settle());
		assertKept(rig);
	});

	test("a program that ends: what it has printed arrives first", () => {
		const rig = new ScrollbackRig({ link: { delay: 100 } });
		rig.output(numbered(1, 1_500));
		rig.session.programEnded();
		assert.ok(rig.run(20_000, () => rig.ended));
		assertKept(rig);
	});

	test("a client that has gone does not hold up the end", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 } });
		rig.link.options = { loss: 1 };
		rig.output(numbered(1, 1_500));
		rig.session.programEnded();
		assert.ok(rig.run(25_000, () => rig.ended));
	});

	test("a look at the history: nothing scrolls meanwhile, and all of it afterwards", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 } });
		rig.output(numbered(1, 100));
		assert.ok(rig.settle());
		rig.type("\x1e[");
		rig.run(300);
		const before = rig.display.scrollback.length;
		rig.output(numbered(101, 300));
		rig.run(1_000);
		assert.notEqual(rig.display.screen.at(-1), "", "the view's last row");
		assert.equal(rig.display.scrollback.length, before);
		rig.type("q");
		assert.ok(rig.settle());
		assertKept(rig);
	});

	test("a window that is made lower and higher", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 } });
		for (const [index, rows] of [24, 15, 30, 10, 40, 24].entries()) {
			rig.resize(80, rows);
			rig.run(600);
			rig.output(numbered(1 + 100 * index, 60 + 100 * index));
			rig.run(1_000);
		}
		assert.ok(rig.settle());
		assert.deepEqual(rig.display.lines.filter(Boolean), rig.nativeLines.filter(Boolean));
	});

	test("synchronized updates, bells, titles and the clipboard", () => {
		const rig = new ScrollbackRig({ link: { delay: 25 } });
		for (let frame = 0; frame < 20; frame++) {
			rig.output(`\x1b[?2026h${numbered(frame * 7, frame * 7 + 6)}\x07\x1b]2;title ${frame}\x07`);
			rig.run(20);
			rig.output(`\x1b]52;c;${Buffer.from(`${frame}`).toString("base64")}\x07\x1b[?2026l`);
			rig.run(10);
		}
		assert.ok(rig.settle());
		assertKept(rig);
		const { title, clipboard } = rig.client.remote.state.screen();
		assert.deepEqual([title, clipboard], ["title 19", Buffer.from("19").toString("base64")]);
	});

	for (const delay of [0, 25, 200]) {
		test(`keys and what they print, at a round trip of ${2 * delay} ms`, () => {
			const rig = new ScrollbackRig({ link: { delay } });
			rig.pty.answer = (text) => {
				for (const key of text) {
					rig.output(key === "\r" ? `\r\n${numbered(1, 70)}$ ` : key);
				}
			};
			for (const key of "seq 70\r\rseq 70\r\r\r") {
				rig.type(key);
				rig.run(40);
			}
			assert.ok(rig.settle());
			assertKept(rig);
		});
	}
});
