/** Cursor addressing, regions, editing of lines and cells, and the modes that change printing. */

import { lines, output } from "./program-output.js";

const rows = lines(23, (row) => `row ${row} ${"abcdefghij".repeat(3)}`);

export const cursorStreams = [
	output("absolute addressing", "\x1b[5;10HA\x1b[20;70HB\x1b[1;1HC\x1b[24;1HD\x1b[12;40f+"),
	output("relative moves", "\x1b[10;10H\x1b[3AA\x1b[5BB\x1b[4CC\x1b[6DD\x1b[;H"),
	output("moves clamped at the edges", "\x1b[99A\x1b[99Da\x1b[99Bb\x1b[99Cc\x1b[12;12H"),
	output("column and row addressing", "abcdef\x1b[20GX\x1b[40`Y\x1b[10dZ\x1b[0G!\x1b[0d?"),
	output("huge and zero parameters", "\x1b[0;0Ha\x1b[999;999H\x1b[99999Ab\x1b[5;65535H\x1b[3;3H"),
	output("erase in line", "abcdefgh\x1b[4G\x1b[K\r\nabcdefgh\x1b[4G\x1b[1K\r\nabcdefgh\x1b[4G\x1b[2Kx\r\n"),
	output("erase in display", `${rows}\x1b[18;10H\x1b[J\x1b[5;10H\x1b[1J\x1b[10;1H`),
	output("erase scrollback only", `${rows}\x1b[3J\x1b[10;10H`),
	output(
		"insert and delete characters",
		"abcdefghij\x1b[3G\x1b[2@XY\r\nabcdefghij\x1b[3G\x1b[4P\r\nabcdefghij\x1b[3G\x1b[99@\r\n",
	),
	output(
		"erase characters",
		"abcdefghij\x1b[3G\x1b[2X\r\nabcdefghij\x1b[3G\x1b[5X\r\nabcdefghij\x1b[3G\x1b[999X\r\n",
	),
	output("insert and delete lines", `${rows}\x1b[5;5H\x1b[2L\x1b[12;1H\x1b[3M\x1b[20;1H`),
	output("scroll up and down", `${rows}\x1b[3S\x1b[1T\x1b[12;1H`),
	output("a scrolling region fed with lines", `\x1b[5;15r\x1b[5;1H${rows}\x1b[r\x1b[22;1Hbelow`),
	output("a region at the top", `${rows}\x1b[1;10r\x1b[10;1H\n\n\nnew\x1b[r\x1b[15;3H`),
	output(
		"insert and delete lines in a region",
		`${rows}\x1b[4;12r\x1b[6;1H\x1b[2L\x1b[10;1H\x1b[1M\x1b[r\x1b[20;1H`,
	),
	output("reverse index at the top of a region", `${rows}\x1b[4;12r\x1b[4;1H\x1bM\x1bMnew\x1b[r\x1b[20;1H`),
	output("reverse index at the top", `${rows}\x1b[H\x1bM\x1bM\x1bMtop\r\n`),
	output("index, next line, as escapes and as C1", "a\x1bDb\x1bEc\u0084d\u0085e\x1b[5;5H\u008df\r\n"),
	output("line feed below a region", "\x1b[2;4r\x1b[24;1Hx\r\ny\x1b[r\x1b[10;1H"),
	output("an invalid region is ignored", `\x1b[9;9r\x1b[30;40r${rows}`),
	output("origin mode", "\x1b[5;10r\x1b[?6h\x1b[1;1HA\x1b[99;1HB\x1b[2dC\x1b[?6l\x1b[r\x1b[20;1Hend"),
	output(
		"save and restore cursor",
		"\x1b[3;3H\x1b[1;31m\x1b7\x1b[0m\x1b[10;10Helsewhere\x1b8back\x1b[0m\r\n",
	),
	output("restore without save", "\x1b[10;10Habc\x1b8home\x1b[12;1H"),
	output("autowrap off", `\x1b[?7l${"abcdefghij".repeat(10)}X\x1b[?7h\r\nnext\r\n`),
	output("insert mode", "world\r\x1b[4hhello \x1b[4l!\r\n"),
	output(
		"insert mode pushes off the edge",
		`${"0123456789".repeat(8)}\x1b[1;5H\x1b[4hINSERT\x1b[4l\x1b[3;1H`,
	),
	output("screen alignment pattern", "\x1b#8\x1b[12;30Hcentre\x1b[13;1H"),
	output("reset", `${rows}\x1b[1;31m\x1b[?25l\x1b[5;9r\x1bcfresh\r\n`),
	output("soft reset", "\x1b[1;31m\x1b[5;10r\x1b[4h\x1b[?25l\x1b[?6h\x1b[!p\x1b[8;1Hplain\x1b[8;1Habc\r\n"),
	output(
		"cursor up through a region's top margin",
		"\x1b[5;10r\x1b[7;1H\x1b[9AX\x1b[r\x1b[20;1H",
		"the stock emulator lets relative moves cross the margins",
	),
	output(
		"132-column mode",
		`${rows}\x1b[?3hafter\r\n`,
		"the stock emulator clears the screen for mode 3, xterm does so only when resizing is allowed",
	),
	output("new-line mode", "\x1b[20ha\nb\x1b[20l\r\n", "the stock emulator does not know new-line mode"),
	output(
		"wide character at the edge with autowrap off",
		`\x1b[?7l${"x".repeat(79)}中\x1b[?7h\x1b[5;1H`,
		"the stock client has autowrap on and moves the character to the next row (protocol §5.5)",
	),
];
