/** SGR: attributes, 16, 256 and direct colours, and erasing in the background colour. */

import { lines, output } from "./program-output.js";

const cells = (count: number, cell: (column: number) => string): string =>
	`${Array.from({ length: count }, (_, column) => cell(column)).join("")}\x1b[0m`;

const hex = (digit: number): string => digit.toString(16);
const cube = lines(16, (row) =>
	cells(16, (column) => `\x1b[48;5;${row * 16 + column}m${hex(row)}${hex(column)}`),
);
const gradient = lines(8, (row) =>
	cells(64, (column) => `\x1b[38;2;${column * 4};${row * 32};${255 - column * 4}m█`),
);
const eightPairs = (foreground: number, background: number): string =>
	`${cells(8, (colour) => `\x1b[${foreground + colour}mfg\x1b[0m \x1b[${background + colour}mbg\x1b[0m `)}\r\n`;

export const colourStreams = [
	output(
		"each attribute",
		"\x1b[1mbold\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4munder\x1b[0m \x1b[5mblink\x1b[0m \x1b[7minverse\x1b[0m\r\n",
	),
	output(
		"attributes together and off one by one",
		"\x1b[1;3;4;5;7mA\x1b[22mB\x1b[23mC\x1b[24mD\x1b[25mE\x1b[27mF\r\n",
	),
	output("invisible text", "seen \x1b[8mhidden\x1b[28m seen\r\n"),
	output(
		"faint, strike, overline",
		"\x1b[2mfaint\x1b[22m \x1b[9mstrike\x1b[29m \x1b[53mover\x1b[55m plain\r\n",
	),
	output("sixteen colours", eightPairs(30, 40) + eightPairs(90, 100)),
	output("256 colours", cube),
	output(
		"256 colours, the first sixteen by index",
		"\x1b[38;5;1ma\x1b[48;5;4mb\x1b[38;5;9mc\x1b[48;5;12md\x1b[39;49me\r\n",
	),
	output("direct colours", gradient),
	output(
		"direct colours, background",
		"\x1b[48;2;10;20;30m on dark \x1b[48;2;200;210;220;38;2;0;0;0m on light \x1b[0m\r\n",
	),
	output("inverse with colours", "\x1b[31;42;7mred on green, turned\x1b[27m back\x1b[0m\r\n"),
	output("SGR without parameters", "\x1b[1;31mA\x1b[mB\x1b[;4mC\x1b[1;;4mD\x1b[0m\r\n"),
	output("unknown SGR codes", "\x1b[6;10;73;99;1mA\x1b[0m\x1b[38;5;256mB\x1b[0m\r\n"),
	output("underlined and coloured spaces", "\x1b[4m     \x1b[0m|\x1b[44m      \x1b[0m|\x1b[7m  \x1b[0m|\r\n"),
	output("erase to end of line in a colour", "text\x1b[44m\x1b[K\r\nmore\x1b[0m\r\n"),
	output("erase whole screen in a colour", "gone\x1b[41m\x1b[2J\x1b[5;5H\x1b[0mon red"),
	output("erase below and above in colours", "\x1b[12;40H\x1b[42m\x1b[J\x1b[43m\x1b[1J\x1b[0mmiddle"),
	output("erase characters in a colour", "abcdefghij\x1b[3G\x1b[45m\x1b[4X\x1b[0m\r\n"),
	output(
		"insert and delete characters in a colour",
		"abcdefghij\x1b[3G\x1b[46m\x1b[2@\x1b[8G\x1b[3P\x1b[0m\r\n",
	),
	output(
		"scrolling brings in the background colour",
		`${lines(23, (row) => `row ${row}`)}\x1b[44m\n\n\x1b[0mend`,
	),
	output(
		"insert and delete lines in a colour",
		`${lines(10, (row) => `row ${row}`)}\x1b[3;1H\x1b[41m\x1b[2L\x1b[8;1H\x1b[42m\x1b[2M\x1b[0m\x1b[20;1Hend`,
	),
	output("a coloured status line", `\x1b[24;1H\x1b[30;47m${"status".padEnd(80)}\x1b[0m\x1b[1;1H`),
	output(
		"colon colours and underline styles",
		"\x1b[38:2::255:0:0mred\x1b[0m \x1b[4:3mcurly\x1b[0m \x1b[48:5:21mblue\x1b[0m\r\n",
		"the stock emulator ignores SGR with colons as a whole",
	),
	output(
		"direct colours without a colour space",
		"\x1b[38:2:10:20:30mA\x1b[m \x1b[48:2:200:100:50mB\x1b[m \x1b[58:2:1:2:3mC\x1b[m\r\n",
		"the stock emulator ignores SGR with colons as a whole",
	),
	output("double underline", "\x1b[21mdouble\x1b[0m\r\n", "the stock emulator does not know SGR 21"),
	output(
		"underline colour",
		"\x1b[58;5;1munderline colour\x1b[59m\x1b[0m\r\n",
		"the stock emulator reads the arguments of 58 as attributes: bold and blink",
	),
	output(
		"truncated direct colour",
		"\x1b[38;2;1;2mA\x1b[0m\r\n",
		"the stock emulator reads the arguments of an incomplete colour as attributes: bold",
	),
	output("cursor left with a rendition set", "\x1b[1;35mpurple\x1b[10;20H"),
];
