/** Sequences nobody acts on, strings to be swallowed, and sequences broken off. */

import { output } from "./program-output.js";

export const stringStreams = [
	output("unknown CSI, ESC and private modes", "a\x1b[5vb\x1b[?9999hc\x1b[=5hd\x1b!Ze\x1b[1$gf\x1b[3zg\r\n"),
	output("cursor style and keyboard protocols", "\x1b[5 qa\x1b[>4;2mb\x1b[>1uc\x1b[<ud\r\n"),
	output("window operations", "\x1b[22;0;0ta\x1b[23;0;0tb\r\n"),
	output("synchronised output", "\x1b[?2026hin one piece\x1b[?2026l\r\n"),
	output("keypad and UTF-8 selection", "\x1b=a\x1b>b\x1b%Gc\r\n"),
	output("hyperlink", "\x1b]8;;http://example.org/\x1b\\link\x1b]8;;\x1b\\ after\r\n"),
	output(
		"colour and shell OSCs",
		"\x1b]4;1;rgb:ff/00/00\x07a\x1b]133;A\x07b\x1b]7;file:///\x07c\x1b]104\x07d\r\n",
	),
	output("DCS swallowed", "a\x1bPq#0;2;0;0;0#0~~@@\x1b\\b\r\n"),
	output("APC, PM, SOS swallowed", "a\x1b_Gf=24;AAAA\x1b\\b\x1b^private\x1b\\c\x1bXstart\x1b\\d\r\n"),
	output("a long APC", `a\x1b_${"x".repeat(20000)}\x1b\\b\r\n`),
	output("control characters inside a sequence", "a\x1b[3\nCb\x1b[1\r;5Hc\x1b[2\bCd\x1b[5;1H"),
	output(
		"a sequence cancelled",
		"a\x1b[3\x18Cb\x1b[3\x1aDc\r\n",
		"xterm shows a mark for SUB, the stock emulator nothing",
	),
	output("escape inside a sequence", "a\x1b[3\x1b[1mb\x1b[0m\x1b\x1b[4mc\x1b[0m\r\n"),
	output("C1 CSI in UTF-8", "a\u009b1mb\u009b0m\r\n"),
	output(
		"more parameters than anyone reads",
		`\x1b[${"1;".repeat(40)}4mA\x1b[0m\r\n`,
		"the stock emulator reads the first 100 characters, xterm the first 32 parameters",
	),
	output(
		"title cancelled",
		"\x1b]2;cancelled\x18x\r\n",
		"the stock emulator carries out an OSC even when CAN ends it",
	),
];
