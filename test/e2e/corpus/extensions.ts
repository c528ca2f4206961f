/** What programs use and the stock server does not understand: ours does, so the screens may differ. */

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
		"selective erase",
		'keep\x1b[1"qthis\x1b[0"q not\x1b[?2K\r\n',
		"the stock server does not know protected characters",
	),
];
