import assert from "node:assert/strict";
import { test } from "node:test";
import { readScrollback } from "../../../src/server/session/scrollback.js";

const DEFAULTS = { lines: 2_000, pageUp: false, wheel: false, native: false };

for (const [text, wanted] of [
	[undefined, {}],
	["", {}],
	["500", { lines: 500 }],
	["off", { lines: 0 }],
	["0", { lines: 0 }],
	["pgup, wheel", { pageUp: true, wheel: true }],
	["native", { native: true }],
	["10000 wheel", { lines: 10_000, wheel: true }],
	["999999999", { lines: 100_000 }],
] as const) {
	test(`scrollback as in the environment: ${JSON.stringify(text)}`, () => {
		const environment = text === undefined ? {} : { LC_MOSH_SCROLLBACK: text };
		const complain = (sentence: string) => assert.fail(sentence);
		assert.deepEqual(readScrollback(environment, complain), { ...DEFAULTS, ...wanted });
	});
}

test("a word that means nothing is named and ignored; the server's own variable comes first", () => {
	const sentences: string[] = [];
	const environment = { MOSH_PORTGUARD_SCROLLBACK: "-5 wheel", LC_MOSH_SCROLLBACK: "off" };
	const read = readScrollback(environment, (sentence) => sentences.push(sentence));
	assert.deepEqual(read, { ...DEFAULTS, wheel: true });
	assert.deepEqual(sentences, [
		'MOSH_PORTGUARD_SCROLLBACK: "-5" is neither a number of lines nor off, pgup, wheel or native; ignored.',
	]);
});

test("the option counts instead of the environment", () => {
	const sentences: string[] = [];
	const environment = { MOSH_PORTGUARD_SCROLLBACK: "off" };
	const read = readScrollback(environment, (sentence) => sentences.push(sentence), "native,300,x");
	assert.deepEqual(read, { ...DEFAULTS, lines: 300, native: true });
	assert.match(sentences.join(), /^--scrollback: "x" is neither/);
});
