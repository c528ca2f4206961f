/** What programs use and the stock server does not understand: where ours does, the screens may differ. */

import { lines, output } from "./program-output.js";

const rows = lines(5, (row) => `row ${row}`);
const noAlternate = "the stock server has no alternate screen: what was there before is lost";

export const extensionStreams = [
	output("alternate screen entered and cleared", `${rows}\x1b[?1049h\x1b[2J\x1b[H\x1b[5;5Hfull screen`),
	output(
		"alternate screen left",
		`${rows}\x1b[?1049h\x1b[2J\x1b[3;3Hfull screen\x1b[?1049lback`,
		noAlternate,
	),
	output(
		"alternate screen 1047 and 1048",
		`${rows}\x1b[?1048h\x1b[?1047h\x1b[2J\x1b[Hother\x1b[?1047l\x1b[?1048lback`,
		noAlternate,
	),
	output("alternate screen 47", `${rows}\x1b[?47h\x1b[2J\x1b[Hother\x1b[?47lback`, noAlternate),
	output("repeat", "ab\x1b[5bX\r\n", "the stock server does not know REP"),
	output("repeat after a combining mark", "e\u0301\x1b[3bX\r\n\u0301\x1b[3bX\r\n"),
	output("repeat after another sequence", "a\x1b[999z\x1b[3bX\r\nb\x1b[1m\x1b[3bX\x1b[m\r\nc\r\x1b[3bX\r\n"),
	output(
		"save and restore cursor, SCO form",
		"ab\x1b[s\x1b[5;5Hc\x1b[ud\r\n",
		"the stock server does not know CSI s and CSI u",
	),
	output(
		"next and previous line",
		"ab\x1b[2Ec\x1b[Fd\x1b[10;1H",
		"the stock server does not know CNL and CPL",
	),
	output(
		"relative column and row",
		"ab\x1b[3ac\x1b[2ed\x1b[10;1H",
		"the stock server does not know HPR and VPR",
	),
	output(
		"line drawing set",
		"\x1b(0lqqqk\r\nx   x\r\nmqqqj\x1b(B plain\r\n",
		"the stock server does not know character sets",
	),
	output(
		"line drawing by shift out",
		"\x1b)0\x0elqqk\x0f plain\r\n",
		"the stock server does not know character sets",
	),
	output(
		"faint, struck and linked text, and a cursor",
		"\x1b[2mfaint\x1b[22m \x1b[9mstruck\x1b[29m \x1b]8;id=1;http://example.org/\x07link\x1b]8;;\x07 \x1b[4 qend\r\n",
	),
	output(
		"new attributes where a row continues in the next",
		`\x1b[4m${"x".repeat(80)}\x1b[4:3mcurly\x1b[m\r\n${"y".repeat(80)}\x1b]8;;http://example.org/\x07link\x1b]8;;\x07\r\n`,
	),
	output(
		"selective erase",
		'keep\x1b[1"qthis\x1b[0"q not\x1b[?2K\r\n',
		"the stock server does not know protected characters",
	),
];
