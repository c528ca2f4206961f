/**
 * Renditions (SGR state) packed into two words, as used by cells and by the current rendition: the attributes that the
 * emulator of 1.4.0 supports (protocol §5.6), and those of extensions.ts where they are switched on.
 *
 * foreground: bits 0-23 colour, 24-25 kind of colour, 26-31 attributes of 1.4.0; background: bits 0-25 likewise, 26-28
 * extensions.
 */

/** Kind of colour; with neither bit set, the default colour. */
export const INDEXED = 1 << 24;
export const RGB = 2 << 24;
export const KIND_MASK = 3 << 24;
export const COLOUR_MASK = 0xffffff;

export const BOLD = 1 << 26;
export const ITALIC = 1 << 27;
export const UNDERLINE = 1 << 28;
export const BLINK = 1 << 29;
export const INVERSE = 1 << 30;
export const INVISIBLE = 2 ** 31;

/** In the background word. */
export const FAINT = 1 << 26;
export const STRIKE = 1 << 27;
/** In the background word: there is more to the rendition than fits into the words. */
export const EXTRA = 1 << 28;

/** A foreground word without its attributes. */
export const FOREGROUND_COLOUR_MASK = KIND_MASK | COLOUR_MASK;

/** What does not fit into the words of a rendition. At least one member is not its default. */
export interface Extra {
	/** As in SGR 4:N: 2 double, 3 curly, 4 dotted, 5 dashed; 0: none, or a single line. */
	readonly underlineStyle: number;
	/** A colour word; 0: that of the text. */
	readonly underlineColour: number;
	/** What follows `8;` in the OSC that opens the hyperlink, parameters and address; empty: none. */
	readonly link: string;
}

export interface Rendition {
	readonly foreground: number;
	readonly background: number;
	/** Present if the background word has EXTRA. */
	readonly extra?: Extra | undefined;
}

export const DEFAULT_RENDITION: Rendition = Object.freeze({ foreground: 0, background: 0 });

/** The attributes with the SGR codes that set and clear them. Code 22 also clears FAINT. */
export const ATTRIBUTES: readonly { readonly bit: number; readonly on: number; readonly off: number }[] = [
	{ bit: BOLD, on: 1, off: 22 },
	{ bit: ITALIC, on: 3, off: 23 },
	{ bit: UNDERLINE, on: 4, off: 24 },
	{ bit: BLINK, on: 5, off: 25 },
	{ bit: INVERSE, on: 7, off: 27 },
	{ bit: INVISIBLE, on: 8, off: 28 },
];

export function sameRendition(a: Rendition, b: Rendition): boolean {
	return a.foreground === b.foreground && a.background === b.background && sameExtra(a.extra, b.extra);
}

export function sameExtra(a: Extra | undefined, b: Extra | undefined): boolean {
	return (
		a === b ||
		(a?.underlineStyle === b?.underlineStyle &&
			a?.underlineColour === b?.underlineColour &&
			a?.link === b?.link)
	);
}
