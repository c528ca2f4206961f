/**
 * Program output made to stall the emulator. Work is counted, not timed: lines made and cells set by xterm.js, which is
 * what took seconds.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emulator } from "../../../src/terminal/index.js";
import { bareTerminal, cellsTouched, copiesMade, writeNow } from "../../support/counted-work.js";
import { ATTACKS, flood } from "../../support/hostile-output.js";

const SIZES = [
	{ columns: 80, rows: 24 },
	{ columns: 1_000, rows: 500 },
] as const;

const BYTES = 4_000;

describe("the counted work", () => {
	test("is what xterm.js by itself does too much of", () => {
		const { terminal } = bareTerminal();
		const touched = cellsTouched(() => writeNow(terminal, "\x1b[999L".repeat(10)));
		assert.ok(touched >= 10 * 999 * 80, `${touched} cells`);
	});
});

for (const { columns, rows } of SIZES) {
	describe(`hostile output at ${columns}x${rows}`, () => {
		for (const attack of ATTACKS) {
			test(`costs no more than two lines for every sequence: ${attack.name}`, () => {
				const emulator = new Emulator({ columns, rows, onReply: () => {} });
				const bytes = flood(attack, BYTES);
				const controls = bytes.filter((byte) => byte < 0x20).length + 1;
				const touched = cellsTouched(() => emulator.write(bytes));
				const allowed = controls * 2 * columns + 4 * bytes.length + 2 * columns * rows;
				assert.ok(touched <= allowed, `${touched} cells for ${controls} sequences, ${allowed} allowed`);
				emulator.dispose();
			});
		}

		test("of every control sequence with extreme counts", () => {
			const emulator = new Emulator({ columns, rows, onReply: () => {} });
			const counts = ["", "0", "1", "999", "65535", "2147483647", "1".padEnd(31, "0"), "4:3:2147483647"];
			const parameters = [...counts, Array(300).fill("999").join(";"), Array(300).fill("9:9").join(";")];
			let most = 0;
			for (const prefix of ["", "?", ">", "=", "<"]) {
				for (const intermediate of ["", " ", "!", '"', "$", "'", "*", "$!"]) {
					for (let final = 0x40; final <= 0x7e; final++) {
						const function_ = intermediate + String.fromCharCode(final);
						const text = parameters.map((values) => `x\x1b[${prefix}${values}${function_}`).join("");
						const touched = cellsTouched(() => emulator.write(Buffer.from(text)));
						most = Math.max(most, touched);
						const allowed = parameters.length * 3 * columns + 1_000;
						assert.ok(touched <= allowed, `${touched} cells for ${prefix}…${function_}, ${allowed} allowed`);
					}
				}
				emulator.write(Buffer.from("\x1bc"));
			}
			assert.ok(most > 0);
			emulator.dispose();
		});
	});
}

for (const name of ["alignment test", "erase unprotected", "alternate screen", "scroll up", "reset"]) {
	test(`looking at the screen makes no copies of lines that are the same: ${name}`, () => {
		const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
		emulator.resize(1_000, 500);
		emulator.snapshot();
		const attack = ATTACKS.find((known) => known.name === name);
		assert.ok(attack);
		const made = copiesMade(() => {
			emulator.write(flood(attack, BYTES));
			emulator.snapshot();
		});
		assert.ok(made <= 2, `${made} copies`);
		emulator.dispose();
	});
}

test("looking at the screen touches no cell one by one", () => {
	const emulator = new Emulator({ columns: 1_000, rows: 500, onReply: () => {} });
	emulator.write(Buffer.from("some text\r\n".repeat(600)));
	assert.equal(
		cellsTouched(() => emulator.snapshot()),
		0,
	);
	emulator.dispose();
});
