/** What SGR sequences of a diff do, and that their reverse undoes nothing: rendition-sequence.ts makes them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { selectRendition, withExtra } from "../../../src/terminal/diff/client-rendition.js";
import { renditionSequence } from "../../../src/terminal/diff/rendition-sequence.js";
import {
	BOLD,
	DEFAULT_RENDITION,
	EXTRA,
	FAINT,
	INDEXED,
	type Rendition,
	RGB,
	STRIKE,
	sameRendition,
	UNDERLINE,
} from "../../../src/terminal/screen/rendition.js";

const select = (parameters: string, from = DEFAULT_RENDITION) => selectRendition(from, parameters);

describe("the client's rendition", () => {
	for (const [parameters, foreground, background] of [
		["", 0, 0],
		["1", BOLD, 0],
		["1;22", 0, 0],
		["2;9", 0, FAINT | STRIKE],
		["2;9;22;29", 0, 0],
		["31;42", INDEXED | 1, INDEXED | 2],
		["91;102", INDEXED | 9, INDEXED | 10],
		["31;39;42;49", 0, 0],
		["38;5;200;1", INDEXED | 200 | BOLD, 0],
		["48;2;1;2;3", 0, RGB | 0x010203],
		["1;0;4", UNDERLINE, 0],
	] as const) {
		test(`after SGR ${parameters || "without parameters"}`, () => {
			assert.deepEqual({ ...select(parameters) }, { foreground, background });
		});
	}

	test("has kind and colour of an underline where the diff sends them", () => {
		const curly = select("4;4:3;58:2::1:2:3");
		assert.deepEqual(curly.extra, { underlineStyle: 3, underlineColour: RGB | 0x010203, link: "" });
		assert.equal(select("59;24", curly).extra, undefined);
		assert.equal(select("58:5:7").extra?.underlineColour, INDEXED | 7);
	});

	test("loses all but its hyperlink by a reset", () => {
		const linked = withExtra({ foreground: BOLD, background: 0 }, { link: ";https://a.example" });
		const reset = select("0", linked);
		assert.deepEqual([reset.foreground, reset.background], [0, EXTRA]);
		assert.equal(reset.extra?.link, ";https://a.example");
	});

	test("is not what a diff may rely on after anything else", () => {
		for (const parameters of ["6", "21", "38;5", "38;5;256", "48;2;1;2", "58:1:2", "4:3"]) {
			assert.throws(() => select(parameters), /SGR/, parameters);
		}
	});

	test("is the one wanted after what is sent for it, whatever it was", () => {
		const colour = fc.oneof(
			fc.constant(0),
			fc.nat(255).map((index) => INDEXED | index),
			fc.nat(0xffffff).map((rgb) => RGB | rgb),
		);
		const rendition = fc
			.tuple(colour, colour, fc.nat(63), fc.nat(3))
			.map(([foreground, background, attributes, more]): Rendition => {
				const bits = attributes * BOLD;
				return { foreground: foreground + bits, background: background | (more * FAINT) };
			});
		fc.assert(
			fc.property(rendition, rendition, (from, to) => {
				const sequence = renditionSequence(from, to);
				const arrived = sequence === "" ? from : select(sequence.slice("\x1b[".length, -"m".length), from);
				assert.ok(sameRendition(arrived, to), `${sequence} leads to ${JSON.stringify(arrived)}`);
			}),
		);
	});
});
