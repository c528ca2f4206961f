/**
 * Native scrollback where the window gets another size: the client goes on to draw what is under way for the size before. The
 * terminal here is an emulator, fed what the model of the client writes, and resized at the same moments as one without mosh.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TerminalKind } from "../../support/client-terminal.js";
import { inFull } from "../../support/extent.js";
import { SeededRandom } from "../../support/random.js";
import { ScrollbackRig } from "../../support/scrollback-rig.js";
import { rowsOf, textOf } from "../../support/stock-display.js";

/** More by hand: MOSH_TEST_SEEDS=200. */
const SEEDS = Number(process.env.MOSH_TEST_SEEDS ?? inFull(20, 2));
/** What a user drags a border through, a size each time a frame is drawn or less often. */
const SIZES_MAX = 6;

interface Drag {
	readonly loss: number;
	readonly kind: TerminalKind;
	/** Lines are printed meanwhile. */
	readonly prints: boolean;
	/** Columns change as well, lines wrap, characters are wide, and the program uses the alternate screen at times. */
	readonly all?: boolean;
}

class Dragged {
	readonly rig: ScrollbackRig;
	readonly #random: SeededRandom;
	readonly #all: boolean;
	#size = { columns: 80, rows: 24 };
	printed = 0;

	constructor(seed: number, { loss, kind, prints, all = false }: Drag) {
		const random = new SeededRandom(seed);
		this.#random = random;
		this.#all = all;
		const delay = [5, 25, 50, 100][random.below(4)] ?? 0;
		const link = { delay, loss };
		this.rig = new ScrollbackRig({ link, seed, strict: false, terminal: kind });
		this.#print(100);
		assert.ok(this.rig.settle());
		this.rig.run(1_000);
		const [lines, pause] = [1 + random.below(3), [5, 10, 20, 40][random.below(4)] ?? 0];
		const printFor = (ms: number): void => {
			for (let left = ms; left > 0; left -= pause) {
				this.#print(prints ? lines : 0);
				this.rig.run(Math.min(left, pause));
			}
		};
		printFor(200 + random.below(300));
		for (let size = 2 + random.below(SIZES_MAX - 1); size > 0; size--) {
			this.#resize();
			if (all && random.below(3) === 0) {
				this.#useAlternateScreen();
			}
			printFor(random.below(Math.max(20, delay)));
		}
		printFor(1_000);
		this.#print(50);
		this.rig.run(20_000);
	}

	/** Numbered, so that each is known by its beginning. */
	#print(count: number): void {
		let text = "";
		for (let line = 0; line < count; line++) {
			const more = this.#all && this.#random.below(3) === 0 ? "日本語 x".repeat(this.#random.below(30)) : "";
			text += `#${this.printed++} ${more}\r\n`;
		}
		this.rig.output(text);
	}

	#resize(): void {
		const columns = this.#all ? 40 + this.#random.below(80) : 80;
		this.#size = { columns, rows: 6 + this.#random.below(35) };
		this.rig.resize(columns, this.#size.rows);
	}

	#useAlternateScreen(): void {
		this.rig.output(`\x1b[?1049h\x1b[2J\x1b[H${"editor\r\n".repeat(this.#random.below(30))}`);
		this.rig.run(this.#random.below(200));
		this.rig.output("\x1b[?1049l");
	}

	/** The numbers of the lines that the terminal has, in its scrollback and on its screen. */
	get numbers(): number[] {
		return (this.rig.terminal?.lines ?? []).flatMap((line) => /^#(\d+)/.exec(line)?.[1] ?? []).map(Number);
	}

	/** How far they go on in order, repeated ones aside. */
	get inOrder(): number {
		return this.numbers.reduce((next, number) => (number === next ? next + 1 : next), 0);
	}

	/** The terminal shows what the client means it to. */
	assertShown(message: string): void {
		const { framebuffer } = this.rig.client.remote.state;
		const lines = this.rig.terminal?.lines.slice(-this.#size.rows);
		assert.deepEqual(lines, rowsOf(framebuffer).map(textOf), message);
	}
}

const all = (count: number): number[] => Array.from({ length: count }, (_, line) => line);

for (const loss of [0, 0.05, 0.15]) {
	describe(`sizes that change several times within a round trip, with ${100 * loss} % loss`, () => {
		for (const kind of ["pulls", "plain", "keeps"] as const) {
			for (const more of [false, true]) {
				test(`lose no line that is printed meanwhile, ${kind}${more ? ", of any kind" : ""}`, () => {
					for (let seed = 1; seed <= SEEDS; seed++) {
						const dragged = new Dragged(seed, { loss, kind, prints: true, all: more });
						const message = `seed ${seed}`;
						assert.equal(dragged.inOrder, dragged.printed, message);
						dragged.assertShown(message);
					}
				});
			}
		}
	});
}

test("sizes that change while nothing is under way leave what they leave without mosh", () => {
	for (let seed = 1; seed <= 2 * SEEDS; seed++) {
		const dragged = new Dragged(seed, { loss: 0, kind: "pulls", prints: false });
		assert.deepEqual(dragged.numbers, all(dragged.printed), `seed ${seed}`);
		assert.deepEqual(dragged.rig.terminal?.lines.filter(Boolean), dragged.rig.nativeLines.filter(Boolean));
		dragged.assertShown(`seed ${seed}`);
	}
});

test("a size that is told again changes nothing", () => {
	const rig = new ScrollbackRig({ link: { delay: 50 }, terminal: "keeps" });
	for (let line = 0; line < 100; line++) {
		rig.output(`#${line}\r\n`);
		rig.run(10);
		if (line % 10 === 5) {
			rig.resize(80, 24);
		}
	}
	assert.ok(rig.settle());
	assert.deepEqual(rig.terminal?.lines.filter(Boolean), rig.nativeLines.filter(Boolean));
});
