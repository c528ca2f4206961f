/** Random program output for property tests: text of every kind, and every sequence an emulator knows. */
import fc from "fast-check";

const text = fc.oneof(
	{ weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 30 }).map((s) => s.replace(/[^ -~]/g, "x")) },
	{
		weight: 2,
		arbitrary: fc.constantFrom("a", " ", "     ", "x".repeat(40), "漢字かな", "한글", "ｱｲｳ", "─│┌"),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			"e\u0301",
			"\u0301",
			"😀",
			"👩\u200d💻",
			"🇫🇷",
			"❤\ufe0f",
			"\ue0b0",
			"ก็",
			"क्षि",
		),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			"\u200b",
			"\ufeff",
			"\u{1fae8}",
			"\uffff",
			"\u00a0",
			"\u00ad",
			"\u1100\u1161\u11a8",
		),
	},
);
const control = fc.constantFrom(
	"\r\n",
	"\r\n",
	"\n",
	"\r",
	"\b",
	"\t",
	"\x07",
	"\x0b",
	"\x0e",
	"\x0f",
	"\x00",
	"\x7f",
);
const count = fc.oneof(fc.constantFrom("", "0", "1", "2", "5"), fc.integer({ min: 1, max: 90 }).map(String));
const csi = fc
	.tuple(fc.constantFrom(..."@ABCDEFGHIJKLMPSTXZ`abdefgrsu"), count, fc.option(count, { nil: undefined }))
	.map(([final, first, second]) => `\x1b[${first}${second === undefined ? "" : `;${second}`}${final}`);
const move = fc
	.tuple(fc.integer({ min: 1, max: 26 }), fc.integer({ min: 1, max: 82 }))
	.map(([row, column]) => `\x1b[${row};${column}H`);
const sgrCode = fc.oneof(
	fc.constantFrom(
		"",
		"0",
		"1",
		"2",
		"3",
		"4",
		"5",
		"7",
		"8",
		"9",
		"21",
		"22",
		"23",
		"24",
		"25",
		"27",
		"28",
		"29",
		"53",
		"59",
	),
	fc
		.integer({ min: 30, max: 49 })
		.filter((code) => code !== 38 && code !== 48)
		.map(String),
	fc.integer({ min: 90, max: 107 }).map(String),
	fc.tuple(fc.constantFrom(38, 48), fc.nat(255)).map(([code, index]) => `${code};5;${index}`),
	fc.tuple(fc.constantFrom(38, 48), fc.nat(255), fc.nat(255)).map(([code, a, b]) => `${code};2;${a};${b};7`),
	fc.constantFrom("4:3", "4:0", "4:5", "38:2::1:2:3", "38:2:1:2:3", "48:5:9", "58;5;4", "58:2::1:2:3"),
);
const sgr = fc.array(sgrCode, { maxLength: 4 }).map((codes) => `\x1b[${codes.join(";")}m`);
const mode = fc
	.tuple(
		fc.constantFrom(
			1,
			5,
			6,
			7,
			9,
			25,
			45,
			47,
			1000,
			1002,
			1003,
			1004,
			1005,
			1006,
			1015,
			1047,
			1048,
			1049,
			2004,
			2026,
		),
		fc.constantFrom("h", "l"),
	)
	.map(([number, final]) => `\x1b[?${number}${final}`);
const other = fc.constantFrom(
	...[
		"\x1b7",
		"\x1b8",
		"\x1bD",
		"\x1bE",
		"\x1bM",
		"\x1bH",
		"\x1bc",
		"\x1b#8",
		"\x1b[!p",
		"\x1b[4h",
		"\x1b[4l",
	],
	...["\x1b(0", "\x1b(B", "\x1b[3g", "\x1b[20h", "\x1bPq#0\x1b\\", "\x1b_x\x1b\\"],
	...["\x1b]0;both\x07", "\x1b]1;icon\x07", "\x1b]2;\x07", "\x1b]2;título 漢\x1b\\", "\x1b]52;c;aGk=\x07"],
	...[
		"\x1b[c",
		"\x1b[6n",
		"\x1b[?2026$p",
		"\x1b[99999999S",
		"\x1b[99999999b",
		"\x1b[ 3@",
		"\x1b[3'}",
		"\x1b[2'~",
	],
);
/** What 1.4.0 ignores. */
const extension = fc.constantFrom(
	"\x1b]8;;http://x/\x1b\\",
	"\x1b]8;id=1;https://example.org/%20\x07",
	"\x1b]8;;\x07",
	"\x1b]8;;http://x/\x07one\x1b]8;;http://y/\x07two",
	"\x1b[4:3mcurly\x1b[4:5mdashed\x1b[58:5:9mred",
	"\x1b[3 q",
	"\x1b[ q",
	"\x1b[4:3;58:5:9m",
	"\x1b[2;9m",
	"\x1b[1;2m",
	"\x1b[22m",
);
const background = fc.constantFrom(
	"\x1b[44m\x1b[2J",
	"\x1b[42m\x1b[K",
	"\x1b[48;5;9m\x1b[J",
	"\x1b[m\x1b[2J",
);

/** One piece of output: mostly text, some of everything else. */
export const outputPiece: fc.Arbitrary<string> = fc.oneof(
	{ weight: 10, arbitrary: text },
	{ weight: 5, arbitrary: control },
	{ weight: 4, arbitrary: sgr },
	{ weight: 4, arbitrary: move },
	{ weight: 4, arbitrary: csi },
	{ weight: 2, arbitrary: mode },
	{ weight: 1, arbitrary: other },
	{ weight: 1, arbitrary: background },
	{ weight: 2, arbitrary: extension },
);

/** What a program may write between two frames. */
export const output: fc.Arbitrary<string> = fc
	.array(outputPiece, { maxLength: 40 })
	.map((pieces) => pieces.join(""));
