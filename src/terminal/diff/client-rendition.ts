/** What an SGR sequence of a diff does on a client with all extensions. The reverse of rendition-sequence.ts. */
import {
	ATTRIBUTES,
	DEFAULT_RENDITION,
	EXTRA,
	type Extra,
	FAINT,
	FOREGROUND_COLOUR_MASK,
	INDEXED,
	type Rendition,
	RGB,
	STRIKE,
	UNDERLINE,
} from "../screen/rendition.js";

/** Codes of the eight colours and of their bright counterparts, by the code that stands for any colour. */
const BASES = [
	{ code: 38, first: 30, bright: 90, default: 39 },
	{ code: 48, first: 40, bright: 100, default: 49 },
] as const;
const COLOURS = 8;

const NO_EXTRA: Extra = { underlineStyle: 0, underlineColour: 0, link: "" };
/** Codes in the background word. */
const EXTENDED_CODES = [
	{ bit: FAINT, on: 2, off: 22 },
	{ bit: STRIKE, on: 9, off: 29 },
] as const;

/**
 * @param parameters of the sequence, with `:` where they have parts
 * @throws Error on a code that no client knows
 */
export function selectRendition(from: Rendition, parameters: string): Rendition {
	const codes = parameters.split(";");
	let rendition = from;
	for (let index = 0; index < codes.length; index++) {
		const text = codes[index] ?? "";
		const code = Number(text);
		if (text.includes(":")) {
			rendition = selectUnderline(rendition, text);
		} else if (code === 38 || code === 48) {
			const colour = extendedColour(codes.map(Number), index);
			rendition = withColour(rendition, code, colour.word);
			index += colour.arguments;
		} else if (code === 0) {
			rendition = withExtra(DEFAULT_RENDITION, { link: from.extra?.link ?? "" });
		} else {
			rendition = select(rendition, code);
		}
	}
	return rendition;
}

/** `rendition` with other extra attributes; the others stay. */
export function withExtra({ foreground, background, extra }: Rendition, change: Partial<Extra>): Rendition {
	const all = { ...NO_EXTRA, ...extra, ...change };
	if (all.underlineStyle === 0 && all.underlineColour === 0 && all.link === "") {
		return { foreground, background: background & ~EXTRA };
	}
	return { foreground, background: background | EXTRA, extra: all };
}

function select(from: Rendition, code: number): Rendition {
	let rendition = from;
	for (const { bit, on, off } of ATTRIBUTES) {
		if (code === on || code === off) {
			const others = rendition.foreground & ~bit;
			rendition = { ...rendition, foreground: (code === on ? others | bit : others) >>> 0 };
		}
	}
	for (const { bit, on, off } of EXTENDED_CODES) {
		if (code === on || code === off) {
			const others = rendition.background & ~bit;
			rendition = { ...rendition, background: code === on ? others | bit : others };
		}
	}
	switch (code) {
		case 4:
		case 24:
			return withExtra(rendition, { underlineStyle: 0 });
		case 59:
			return withExtra(rendition, { underlineColour: 0 });
		default:
			return rendition === from ? selectColour(rendition, code) : rendition;
	}
}

function selectColour(rendition: Rendition, code: number): Rendition {
	for (const base of BASES) {
		if (code === base.default) {
			return withColour(rendition, base.code, 0);
		}
		if (code >= base.first && code < base.first + COLOURS) {
			return withColour(rendition, base.code, INDEXED | (code - base.first));
		}
		if (code >= base.bright && code < base.bright + COLOURS) {
			return withColour(rendition, base.code, INDEXED | (code - base.bright + COLOURS));
		}
	}
	throw new Error(`SGR ${code} means nothing to the client`);
}

function selectUnderline(rendition: Rendition, text: string): Rendition {
	const [code, kind = 0, ...values] = text.split(":").map(Number);
	if (code === 4 && (rendition.foreground & UNDERLINE) !== 0) {
		return withExtra(rendition, { underlineStyle: kind });
	}
	const [first = 0, red = 0, green = 0, blue = 0] = values;
	if (code === 58 && kind === 5) {
		return withExtra(rendition, { underlineColour: INDEXED | first });
	}
	if (code === 58 && kind === 2) {
		return withExtra(rendition, { underlineColour: RGB | (red << 16) | (green << 8) | blue });
	}
	throw new Error(`SGR ${text} means nothing to the client`);
}

function withColour(rendition: Rendition, code: 38 | 48, word: number): Rendition {
	if (code === 48) {
		return { ...rendition, background: (rendition.background & ~FOREGROUND_COLOUR_MASK) | word };
	}
	const attributes = rendition.foreground & ~FOREGROUND_COLOUR_MASK;
	return { ...rendition, foreground: (attributes | word) >>> 0 };
}

/** The colour of 38 or 48 at `index`, and how many parameters after it belong to it. */
function extendedColour(codes: readonly number[], index: number): { word: number; arguments: number } {
	const [kind, first, second, third] = codes.slice(index + 1, index + 5);
	if (kind === 5 && first !== undefined && first < 256) {
		return { word: INDEXED | first, arguments: 2 };
	}
	if (kind === 2 && first !== undefined && second !== undefined && third !== undefined) {
		return { word: RGB | (first << 16) | (second << 8) | third, arguments: 4 };
	}
	throw new Error(`SGR ${codes.join(";")} lacks part of a colour`);
}
