/**
 * What a person sees, as text that can be compared: rows with their renditions, parsed from tmux's
 * `capture-pane -e -N`. Differences nobody can see (a bold blank, a trailing default blank) are removed.
 */

import type { Colour, Rendition as ModelRendition, ModelScreen } from "./stock-emulator/index.js";

export interface ClientScreen {
	/** Characters only, one string per row, trailing blanks removed. */
	readonly rows: readonly string[];
	/** The same with renditions in front of each run, as `‹1;31›text`; `‹›` is the default. */
	readonly styledRows: readonly string[];
	readonly cursor: { readonly row: number; readonly column: number; readonly visible: boolean };
	readonly title: string;
}

/** Rows of the model of the client's emulator as `styledRows`. */
export function styledRowsOf({ lines }: ModelScreen): readonly string[] {
	const capture = lines.map(({ cells }) =>
		cells.map(({ text, rendition }) => `\x1b[${sgrOf(rendition).join(";")}m${text}`).join(""),
	);
	return parseCapture(capture.join("\n")).styledRows;
}

function sgrOf({ foreground, background, ...attributes }: ModelRendition): string[] {
	const on = ATTRIBUTES.filter(([name]) => attributes[name]).map(([, code]) => code);
	return ["0", ...on, ...sgrOfColour(38, foreground), ...sgrOfColour(48, background)];
}

function sgrOfColour(layer: 38 | 48, colour: Colour): string[] {
	if (colour === "default") {
		return [];
	}
	if (typeof colour === "number") {
		return [`${layer};5;${colour}`];
	}
	const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
	return [`${layer};2;${channels.join(";")}`];
}

const ATTRIBUTES = [
	["bold", "1"],
	["italic", "3"],
	["underlined", "4"],
	["blink", "5"],
	["inverse", "7"],
	["invisible", "8"],
] as const;

/**
 * A styled row without what a stock client cannot show (faint, strike, kinds and colours of underlines), and without blanks at
 * its end, whose colour tmux does not tell if they were erased rather than written.
 */
export function comparableRow(styledRow: string): string {
	const row = styledRow.replaceAll(/‹([^›]*)›/g, (_, codes: string) => {
		const shown = codes.split(";").map((code) => (/^4:[1-5]$/.test(code) ? "4" : code));
		return `‹${shown.filter((code) => code !== "2" && code !== "9" && !code.startsWith("58")).join(";")}›`;
	});
	return row.replace(/(‹[^›]*›| )+$/, "");
}

interface Rendition {
	readonly attributes: ReadonlySet<string>;
	readonly foreground: string;
	readonly background: string;
}

interface StyledCharacter {
	readonly text: string;
	readonly style: string;
}

const PLAIN: Rendition = { attributes: new Set(), foreground: "", background: "" };

/** Attributes that show on a blank: underline, inverse, strike. */
const VISIBLE_ON_BLANK = new Set(["4", "7", "9"]);

const ATTRIBUTE_OFF: Readonly<Record<string, readonly string[]>> = {
	"22": ["1", "2"],
	"23": ["3"],
	"24": ["4"],
	"25": ["5"],
	"27": ["7"],
	"28": ["8"],
	"29": ["9"],
};

export function parseCapture(capture: string): Pick<ClientScreen, "rows" | "styledRows"> {
	const rows: string[] = [];
	const styledRows: string[] = [];
	let rendition = PLAIN;
	for (const line of capture.replace(/\n$/, "").split("\n")) {
		const characters: StyledCharacter[] = [];
		// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is parsed
		for (const [token, parameters] of line.matchAll(/\x1b\[([\d;:]*)m|[\x0e\x0f]|./gsu)) {
			if (parameters !== undefined) {
				rendition = applySgr(rendition, parameters);
			} else if (token >= " ") {
				characters.push({ text: token, style: styleOf(rendition, token) });
			}
		}
		while (characters.at(-1)?.text === " " && characters.at(-1)?.style === "") {
			characters.pop();
		}
		rows.push(
			characters
				.map(({ text }) => text)
				.join("")
				.trimEnd(),
		);
		styledRows.push(joinRuns(characters));
	}
	return { rows, styledRows };
}

function joinRuns(characters: readonly StyledCharacter[]): string {
	let style = "";
	let joined = "";
	for (const character of characters) {
		if (character.style !== style) {
			joined += `‹${character.style}›`;
		}
		style = character.style;
		joined += character.text;
	}
	return joined;
}

function styleOf({ attributes, foreground, background }: Rendition, text: string): string {
	const blank = text === " ";
	const shown = [...attributes].filter((attribute) => !blank || VISIBLE_ON_BLANK.has(attribute)).sort();
	// An inverse blank shows the foreground as its background.
	const foregroundShows = !blank || attributes.has("7");
	return [...shown, foregroundShows ? foreground : "", background].filter((part) => part !== "").join(";");
}

/** The first 16 of the 256 colours have short forms that mean the same. */
function shortColour(codes: readonly string[]): string {
	const [layer, kind, index] = codes.map(Number);
	if (layer === undefined || kind !== 5 || index === undefined || index > 15) {
		return codes.join(";");
	}
	return String(index < 8 ? layer - 8 + index : layer + 52 + index - 8);
}

function applySgr(before: Rendition, parameters: string): Rendition {
	const attributes = new Set(before.attributes);
	let { foreground, background } = before;
	const codes = parameters.split(";");
	for (let at = 0; at < codes.length; at += 1) {
		const code = codes[at] ?? "";
		if (code === "38" || code === "48") {
			const length = codes[at + 1] === "5" ? 3 : 5;
			const colour = shortColour(codes.slice(at, at + length));
			if (code === "38") {
				foreground = colour;
			} else {
				background = colour;
			}
			at += length - 1;
		} else if (code === "" || code === "0") {
			attributes.clear();
			foreground = "";
			background = "";
		} else if (code === "39") {
			foreground = "";
		} else if (code === "49") {
			background = "";
		} else if (/^(3|9)[0-7]$/.test(code)) {
			foreground = code;
		} else if (/^(4|10)[0-7]$/.test(code)) {
			background = code;
		} else if (ATTRIBUTE_OFF[code] !== undefined) {
			for (const off of ATTRIBUTE_OFF[code]) {
				attributes.delete(off);
			}
		} else {
			attributes.add(code);
		}
	}
	return { attributes, foreground, background };
}
