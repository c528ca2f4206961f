/**
 * What a user waits for with native scrollback, or while looking back at the drawn history, against the same session without: in
 * the session's own time, over a path of 100 ms.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SeededRandom } from "../../support/random.js";
import { ScrollbackRig, type ScrollbackRigOptions } from "../../support/scrollback-rig.js";

const ROUND_TRIP = 100;
/** As much later as today's, on average. */
const LIMIT = 1.05;
/** An answer later than this (ms) is a failure. */
const GIVE_UP = 20_000;
/** Keys between two Enters. */
const LINE = 9;

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;

/** Types `key` after a pause as a typist makes it, and returns how long (ms) it takes until the client's screen has `answer`. */
function press(rig: ScrollbackRig, random: SeededRandom, key: string, answer: string): number {
	rig.run(60 + random.below(60));
	const at = rig.clock.now();
	rig.type(key);
	const seen = rig.run(GIVE_UP, () => rig.display.screen.some((line) => line.includes(answer)));
	assert.ok(seen, `${JSON.stringify(key)} is never answered by ${answer}`);
	return rig.clock.now() - at;
}

function begin(seed: number, options: ScrollbackRigOptions): { rig: ScrollbackRig; random: SeededRandom } {
	const rig = new ScrollbackRig({ seed, strict: false, ...options });
	const text = (line: number): string => `before ${line}: ${"words of a log ".repeat(line % 5)}`;
	rig.output(Array.from({ length: 200 }, (_, line) => `${text(line)}\r\n`).join(""));
	assert.ok(rig.settle());
	return { rig, random: new SeededRandom(seed) };
}

/** A shell: keys are echoed, Enter is answered by five lines and a prompt. */
function atShell(
	seed: number,
	keys: number,
	options: ScrollbackRigOptions,
): { echo: number[]; output: number[] } {
	const { rig, random } = begin(seed, options);
	let prompts = 0;
	let typed = "";
	rig.pty.answer = (text) => {
		const lines = `\r\n${`output ${prompts}\r\n`.repeat(5)}${prompts + 1}$ `;
		rig.output(text === "\r" ? lines : text);
	};
	const [echo, output]: [number[], number[]] = [[], []];
	press(rig, random, "\r", "1$");
	prompts = 1;
	for (let key = 1; key <= keys; key++) {
		if (key % (LINE + 1) === 0) {
			output.push(press(rig, random, "\r", `${prompts + 1}$`));
			prompts++;
			typed = "";
		} else {
			const letter = "abcdefghi"[typed.length] as string;
			typed += letter;
			echo.push(press(rig, random, letter, `${prompts}$ ${typed}`));
		}
	}
	return { echo, output };
}

/** The history is open: keys go up a line and down again. */
function inHistory(seed: number, keys: number, options: ScrollbackRigOptions): number[] {
	const { rig, random } = begin(seed, options);
	rig.type("\x1e[\x1b[5~");
	rig.run(2_000);
	const line = (): number =>
		Number(rig.display.screen.join("\n").match(/History: line (\d+) of/)?.[1] ?? assert.fail("no bar"));
	return Array.from({ length: keys }, (_, key) => {
		const up = key % 20 < 10;
		return press(rig, random, up ? "\x1b[A" : "\x1b[B", `History: line ${line() + (up ? -1 : 1)} of`);
	});
}

for (const [loss, seeds, keys] of [
	[0, 1, 200],
	[0.05, 8, 400],
] as const) {
	describe(`at ${loss * 100} % loss`, () => {
		const each = <T>(what: (seed: number) => T): T[] =>
			Array.from({ length: seeds }, (_, index) => what(1 + index));
		const link = { delay: ROUND_TRIP / 2, loss };
		const shell = (native: boolean) => each((seed) => atShell(seed, keys, { link, native }));
		const without = shell(false);
		const echo = mean(without.flatMap((run) => run.echo));
		const output = mean(without.flatMap((run) => run.output));

		test("native scrollback delays neither the echo of a key nor the output of a command", () => {
			const native = shell(true);
			const ratios = {
				echo: mean(native.flatMap((run) => run.echo)) / echo,
				output: mean(native.flatMap((run) => run.output)) / output,
			};
			assert.ok(ratios.echo <= LIMIT && ratios.output <= LIMIT, JSON.stringify(ratios));
		});

		test("the history that is open follows a key as an echo does", () => {
			for (const native of [false, true]) {
				const took = mean(each((seed) => inHistory(seed, keys, { link, native })).flat());
				assert.ok(took <= LIMIT * echo, `${took} ms against ${echo}, native: ${native}`);
			}
		});
	});
}
