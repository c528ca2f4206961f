/** Column widths as the stock client sees them: the C library's wcwidth, with Latin-1 printables forced to 1. */

import { readFileSync } from "node:fs";

/** Columns of one code point: -1 not printable (dropped), 0 combining, 1, 2 (protocol §5.5). */
export type CodePointWidth = (codePoint: number) => -1 | 0 | 1 | 2;

interface WidthFixture {
	readonly width_minus_1: readonly string[];
	readonly width_0: readonly string[];
	readonly width_2: readonly string[];
}

function loadTable(): Int8Array {
	const url = new URL("../../fixtures/wire/wcwidth-glibc-2.36.json", import.meta.url);
	const fixture = JSON.parse(readFileSync(url, "utf8")) as WidthFixture;
	const table = new Int8Array(0x110000).fill(1);
	const paint = (ranges: readonly string[], width: number): void => {
		for (const range of ranges) {
			const [first = "", last = first] = range.split("-");
			table.fill(width, Number.parseInt(first, 16), Number.parseInt(last, 16) + 1);
		}
	};
	paint(fixture.width_minus_1, -1);
	paint(fixture.width_0, 0);
	paint(fixture.width_2, 2);
	return table;
}

let table: Int8Array | undefined;

/** wcwidth() of glibc 2.36, from the fixture. */
export const glibcWidth: CodePointWidth = (codePoint) => {
	table ??= loadTable();
	return (table[codePoint] ?? -1) as -1 | 0 | 1 | 2;
};

/** Width after the rule that printable ASCII and U+00A0-FF never ask the C library. */
export function displayWidth(codePoint: number, wcwidth: CodePointWidth): -1 | 0 | 1 | 2 {
	const latin1 = (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff);
	return latin1 ? 1 : wcwidth(codePoint);
}
