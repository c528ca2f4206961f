/** Wide, combining, zero-width and ambiguous characters, and input that is not UTF-8. */

import { lines, output } from "./program-output.js";

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
	Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Uint8Array.from(part))));

const LONG_MIXED = lines(
	400,
	(row) => `\x1b[3${row % 8}m${row} größer 中文字符 \x1b[1;4m한국어\x1b[0m 😀 ñ é ─│┌`,
);

export const unicodeStreams = [
	output("Latin-1, Greek, Cyrillic", "naïve café Ångström ¡§±ÿ\r\nαβγδε ΑΒΓ\r\nПривет, мир\r\n"),
	output(
		"Chinese, Japanese, Korean",
		"中文字符测试\r\nこんにちは世界カタカナ\r\n한국어 텍스트\r\nｱｲｳ half ＡＢＣ full\r\n",
	),
	output("wide characters that wrap", `${"中文".repeat(41)}\r\nx${"漢字".repeat(41)}\r\n`),
	output("wide character that does not fit", `${"x".repeat(79)}中y\r\n`),
	output("wide characters in colour", "\x1b[31;44m中文\x1b[0m \x1b[7m漢字\x1b[0m \x1b[4m한국\x1b[0m\r\n"),
	output("narrow over wide, both halves rewritten", "a中b\x1b[2GXY\r\n"),
	output("wide over narrow", "abcdef\x1b[2G中\r\n"),
	output("insert mode with wide characters", "abc\r\x1b[4h中文\x1b[4l\r\n"),
	output("erase across wide characters", "中文字符测试\x1b[5G\x1b[4X\x1b[1;20H|\r\n"),
	output(
		"overwriting half of a wide character",
		"中b\x1b[2GX\r\n文b\x1b[3;1Hend",
		"the stock emulator keeps the wide character and hides what was written under its right half",
	),
	output(
		"deleting half of a wide character",
		"中文字\x1b[2G\x1b[P\r\nend",
		"the stock emulator keeps half characters when cells are shifted",
	),
	output("combining marks", "e\u0301 a\u0308\u0304 n\u0303o\r\nक्षत्रिय\r\n"),
	output("combining marks on wide characters", "か\u3099 中\u0301 한\u0302\r\n"),
	output("combining mark after a cursor move", "abc\x1b[1;1H\u0301\x1b[2;1H"),
	output("combining mark on an empty cell", "\x1b[3;3H\u0301x\r\n"),
	output(
		"combining marks on empty cells, then text",
		"\x1b[3;3H\u0301\u0308x\x1b[4;1Hab\x1b[K\x1b[4;5H\u0302y\r\n",
	),
	output("combining mark at the last column", `${"x".repeat(80)}\u0301\r\nnext`),
	output(
		"zero-width space, joiner, no-break space, soft hyphen",
		"a\u200bb\u200dc\ufeffd\u00a0e\u00adf\u2060g\r\n",
	),
	output("emoji", "😀 🚀 🎉 ok\r\n❤ ☀ ☎ ⌚ ⏰\r\n"),
	output("emoji with variation selectors", "❤️x ☀️y ☎︎z\r\n"),
	output("emoji joined and with skin tones", "👩‍💻 done\r\n👨‍👩‍👧‍👦 family\r\n👍🏽 tone\r\n"),
	output("regional indicators", "🇫🇷 🇯🇵 end\r\n"),
	output("box drawing and blocks", "┌──┬──┐\r\n│▓▒│░█│\r\n└──┴──┘\r\n╔═╗╭─╮\r\n"),
	output("ambiguous width", "§°±·×÷α→⇒∀∂─■□▲○●★☆\r\n"),
	output("private use and unassigned", "a\ue0b0\uf001b\r\nc\u0378d\u{1fbff}e\r\nf\uffffg\r\n"),
	output(
		"characters of Unicode 15 to 17",
		"\u{1fa77}\u{1fae8}\u{1fa75}|pink heart\r\n\u{1f6dc} wifi\r\nab\u{1fabf}cd\r\n\u{1fae9}\u{1fadc}|u16\r\n\u{1fac8}|u17\r\n",
		"stock servers and clients drop characters that their C library does not know",
	),
	output("conjoining jamo and right-to-left", "\u1100\u1161\u11a8x\r\nשלום مرحبا\r\n"),
	output("many colours and scripts, in reads of any size", `${LONG_MIXED}end`),
	output("invalid: lone bytes", bytes("a", [0xff], "b", [0xfe], "c", [0x80], "d", [0x9b], "1me\r\n")),
	output(
		"invalid: truncated characters",
		bytes("a", [0xe4, 0xb8], "b", [0xe4], "\x1b[1mc\x1b[0m", [0xf0, 0x9f, 0x98], "\r\n"),
	),
	output("invalid: overlong slash", bytes("a", [0xc0, 0xaf], "b\r\n")),
	output("invalid: lead byte after lead byte", bytes("a", [0xe4, 0xe4, 0xb8, 0xad], "b\r\n")),
	output(
		"invalid: surrogates, beyond Unicode, five bytes",
		bytes(
			"a",
			[0xed, 0xa0, 0x80],
			"b",
			[0xf4, 0x90, 0x80, 0x80],
			"c",
			[0xf8, 0x88, 0x80, 0x80, 0x80],
			"d\r\n",
		),
		"how many replacement characters such a sequence makes follows glibc in the stock server",
	),
];
