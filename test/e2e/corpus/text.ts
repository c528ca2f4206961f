/** Plain text, wrapping, tabs and the simple controls. */

import { lines, output } from "./program-output.js";

const FULL_ROW = "0123456789".repeat(8);

export const textStreams = [
	output("plain text", "hello, world\r\nsecond line\r\n\r\nfourth"),
	output("line feeds without carriage returns", "one\ntwo\nthree\n"),
	output("vertical tab and form feed", "one\vtwo\fthree\r\n"),
	output("backspaces and overwriting", "abcdef\b\b\bXY\r\n\b\bZ\r\n12345\r6\r\n"),
	output("one full row", `${FULL_ROW}\r\nnext`),
	output("a long line that wraps twice", `${"the quick brown fox ".repeat(9)}end\r\n`),
	output("a paragraph that wraps in every row", `${"lorem ipsum dolor sit amet ".repeat(30)}\r\n`),
	output("full row, pending wrap, then carriage return", `${FULL_ROW}\rX\r\nY`),
	output("full row, pending wrap, then backspace", `${FULL_ROW}\bX\r\nY`),
	output("full row, pending wrap, then SGR", `${FULL_ROW}\x1b[1mbold\x1b[0m\r\nY`),
	output("full row, pending wrap, then erase to end", `${FULL_ROW}\x1b[KY\r\nZ`),
	output("full row, pending wrap, then tab", `${FULL_ROW}\tX\r\nY`),
	output("full row, pending wrap, then save and restore", `${FULL_ROW}\x1b7\x1b8X\r\nY`),
	output("wrapping at the bottom scrolls", `\x1b[24;1H${FULL_ROW}${FULL_ROW}tail\x1b[1;1Htop`),
	output("twenty-four rows and no more", `${lines(23, (index) => `row ${index}`)}row 23\x1b[12;5H`),
	output(
		"a screenful scrolled off",
		lines(60, (index) => `line ${index} ${"#".repeat(index)}`),
	),
	output(
		"a thousand short lines",
		lines(1000, (index) => String(index)),
	),
	output("tabs across the row", "a\tb\tc\td\r\n\t\tx\r\n1234567\t8\r\n12345678\t9\r\n"),
	output(
		"tab stops set and cleared",
		"\x1b[3g\x1b[5G\x1bH\x1b[20G\x1bH\r\ta\tb\tc\x1b[1;5H\x1b[g\r\n\tx\ty\r\n",
	),
	output("forward and back tabs", "a\x1b[2Ib\x1b[Zc\x1b[9Zd\r\n\x1b[99Ie\r\n"),
	output("ignored controls", "a\x00b\x0e\x0fc\x05d\x7fe\x11f\r\n"),
	output("the bottom-right cell, then somewhere else", "\x1b[24;80HX\x1b[10;10Hhere"),
	output(
		"the bottom-right cell, cursor left there",
		"\x1b[24;80HX",
		"after the bottom-right cell the stock server's backspace leaves the cursor one column left (protocol §5.11)",
	),
];
