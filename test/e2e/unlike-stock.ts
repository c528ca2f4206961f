/**
 * What ours shows where the stock server shows something else on purpose or by mistake. Every stream of the
 * corpus that may differ has an entry here, so that "may differ" never means "may show anything".
 */

export interface Unlike {
	/** Styled rows from the top, or what they match; the rest of the screen is blank. */
	readonly rows: readonly (string | RegExp)[];
	/** Row and column, from 0. */
	readonly cursor: readonly [number, number];
	readonly clipboard?: string;
	readonly title?: string;
	readonly modes?: readonly number[];
	/** Given when the corpus does not say why already. */
	readonly because?: string;
}

const numberedRows = (first: number, last: number, text: string) =>
	Array.from({ length: last - first + 1 }, (_, index) => `row ${first + index}${text}`);

export const unlikeStock: Readonly<Record<string, Unlike>> = {
	"the bottom-right cell, cursor left there": {
		rows: [...Array(23).fill(""), `${" ".repeat(79)}X`],
		cursor: [23, 79],
	},
	"colon colours and underline styles": {
		rows: ["‹38;2;255;0;0›red‹› ‹4›curly‹› ‹48;5;21›blue"],
		cursor: [1, 0],
	},
	"direct colours without a colour space": {
		rows: ["‹38;2;10;20;30›A‹› ‹48;2;200;100;50›B‹› C"],
		cursor: [1, 0],
	},
	"title saved and restored, as by an editor": {
		rows: ["edited"],
		cursor: [1, 0],
		title: "[mosh] shell title",
	},
	"mouse encodings not in use reset": { rows: ["mouse"], cursor: [1, 0], modes: [1000, 1006] },
	"double underline": { rows: ["‹4›double"], cursor: [1, 0] },
	"underline colour": { rows: ["underline colour"], cursor: [1, 0] },
	"truncated direct colour": { rows: ["‹38;2;1;2;0›A"], cursor: [1, 0] },
	"cursor up through a region's top margin": { rows: ["", "", "", "", "X"], cursor: [19, 0] },
	"132-column mode": {
		rows: [...numberedRows(1, 22, " abcdefghijabcdefghijabcdefghij"), "after"],
		cursor: [23, 0],
	},
	"new-line mode": { rows: ["a", " b"], cursor: [2, 0] },
	"wide character at the edge with autowrap off": { rows: ["x".repeat(79)], cursor: [4, 0] },
	"overwriting half of a wide character": { rows: [" Xb", "文b", "end"], cursor: [2, 3] },
	"deleting half of a wide character": { rows: [" 文字", "end"], cursor: [1, 3] },
	"invalid: surrogates, beyond Unicode, five bytes": { rows: ["a��b�c�d"], cursor: [1, 0] },
	"a sequence cancelled": { rows: ["aCbDc"], cursor: [1, 0] },
	"more parameters than anyone reads": { rows: ["‹1›A"], cursor: [1, 0] },
	"title cancelled": { rows: ["x"], cursor: [1, 0] },
	"alternate screen left": { rows: [...numberedRows(0, 4, ""), "back"], cursor: [5, 4] },
	"alternate screen 1047 and 1048": { rows: [...numberedRows(0, 4, ""), "back"], cursor: [5, 4] },
	"alternate screen 47": { rows: ["row 0back", ...numberedRows(1, 4, "")], cursor: [0, 9] },
	repeat: { rows: ["abbbbbbX"], cursor: [1, 0] },
	"save and restore cursor, SCO form": { rows: ["abd", "", "", "", "    c"], cursor: [1, 0] },
	"next and previous line": { rows: ["ab", "d", "c"], cursor: [9, 0] },
	"relative column and row": { rows: ["ab   c", "", "      d"], cursor: [9, 0] },
	"line drawing set": { rows: ["┌───┐", "│   │", "└───┘ plain"], cursor: [3, 0] },
	"line drawing by shift out": { rows: ["┌──┐ plain"], cursor: [1, 0] },
	"selective erase": { rows: ["    this"], cursor: [1, 0] },
	"huge and zero parameters": {
		because: "a parameter over 65535 is the default to the stock emulator, and a large number to others",
		rows: [`a${" ".repeat(78)}b`],
		cursor: [2, 2],
	},
	"private use and unassigned": {
		because: "the client drops characters its tables do not know; ours shows that there was one",
		rows: [/^a..b$/u, "c\ufffdd\ufffde", "f\ufffdg"],
		cursor: [3, 0],
	},
	"characters of Unicode 15 to 17": {
		// On a client that knows them, the characters themselves, in the same columns.
		rows: [
			/^(\ufffd \ufffd \ufffd |🩷🫨🩵)\|pink heart$/u,
			/^(\ufffd |🛜) wifi$/u,
			/^ab(\ufffd |🪿)cd$/u,
			/^(\ufffd \ufffd |🫩🫜)\|u16$/u,
			/^(\ufffd |\u{1fac8})\|u17$/u,
		],
		cursor: [5, 0],
	},
	"zero-width space, joiner, no-break space, soft hyphen": {
		because: "the emulator drops byte order marks, which nobody sees",
		rows: [/^a\W*b\W*c\W*d\W*e\W*f\W*g$/u],
		cursor: [1, 0],
	},
	"emoji joined and with skin tones": {
		because:
			"ours places the cursor anew after what terminals disagree about; tmux does not join as wcwidth does",
		rows: [/^👩\u200d💻 +done$/u, /^👨\u200d👩\u200d👧\u200d👦? +family$/u, /^👍🏽 +tone$/u],
		cursor: [3, 0],
	},
	"full row, pending wrap, then save and restore": {
		because: "as in xterm, ours saves and restores the pending wrap",
		rows: ["0123456789".repeat(8), "X", "Y"],
		cursor: [2, 1],
	},
	"clipboard without a selection": { rows: ["copied"], cursor: [1, 0], clipboard: "dG11eA==" },
	"clipboard, primary selection": { rows: ["copied"], cursor: [1, 0], clipboard: "cHJpbWFyeQ==" },
	"clipboard, several selections": { rows: ["copied"], cursor: [1, 0], clipboard: "Ym90aA==" },
	"clipboard, cut buffers and others": { rows: ["copied"], cursor: [1, 0], clipboard: "Mg==" },
	"unknown SGR codes": {
		because: "a limit of xterm.js: it takes indexed colour 256 for colour 0 where it should ignore it",
		rows: ["‹1›A‹30›B"],
		cursor: [1, 0],
	},
};
