/** Titles, bell, clipboard, and the modes a server must hand on to the client. */

import { output } from "./program-output.js";

const onlyC = "the stock server drops the clipboard unless its selection is c";

export const modeStreams = [
	output("window title and icon name", "\x1b]0;both\x07titled\r\n"),
	output("window title only", "\x1b]2;window\x1b\\titled\r\n"),
	output("title in many scripts", "\x1b]2;größe 中文 😀\x07titled\r\n"),
	output("title replaced and cleared", "\x1b]0;first\x07\x1b]0;\x07untitled\r\n"),
	output("a title of 300 characters", `\x1b]2;${"t".repeat(300)}\x07long title\r\n`),
	output(
		"title saved and restored, as by an editor",
		"\x1b]0;shell title\x07\x1b[22;0;0t\x1b]0;file - VIM\x07edit\x1b[23;0;0ted\r\n",
		"the stock server does not know the title stack",
	),
	output("icon name after title", "\x1b]2;window\x07\x1b]1;icon\x07named\r\n"),
	output("bell", "ring\x07\r\nring twice\x07\x07\r\n"),
	output("clipboard", "\x1b]52;c;aGVsbG8=\x07copied\r\n"),
	output("clipboard without a selection", "\x1b]52;;dG11eA==\x07copied\r\n", onlyC),
	output("clipboard, primary selection", "\x1b]52;p;cHJpbWFyeQ==\x07copied\r\n", onlyC),
	output("clipboard, several selections", "\x1b]52;pc;Ym90aA==\x07copied\r\n", onlyC),
	output("clipboard, cut buffers and others", "\x1b]52;s0;MQ==\x07\x1b]52;q7;Mg==\x07copied\r\n", onlyC),
	output("cursor hidden", "\x1b[5;5Hhidden\x1b[?25l"),
	output("cursor hidden and shown", "\x1b[?25lx\x1b[?25h\x1b[5;5H"),
	output("reverse video", "\x1b[?5hreversed\r\n"),
	output("reverse video and back", "\x1b[?5hflash\x1b[?5l\r\n"),
	output("bracketed paste", "\x1b[?2004hpaste away\r\n"),
	output("mouse clicks", "\x1b[?1000h\x1b[?1006hclick\r\n"),
	output("mouse drags", "\x1b[?1002;1006hdrag\r\n"),
	output("mouse moves, then clicks only", "\x1b[?1003h\x1b[?1015h\x1b[?1000h\x1b[?1006hmove\r\n"),
	output("mouse on and off", "\x1b[?1000;1006hon\x1b[?1006;1000loff\r\n"),
	output(
		"mouse encodings not in use reset",
		"\x1b[?1000h\x1b[?1006h\x1b[?1015l\x1b[?1005lmouse\r\n",
		"the stock server resets the encoding in use as well",
	),
	output("focus reports", "\x1b[?1004hfocus\r\n"),
	output("application cursor keys and keypad", "\x1b[?1h\x1b=keys\r\n"),
	output(
		"everything on, then reset",
		"\x1b[?5h\x1b[?1003h\x1b[?1006h\x1b[?2004h\x1b[?1004h\x1b[?25l\x1bcclean\r\n",
	),
];
