/**
 * Renditions (SGR state) packed into two words, as used by cells and by the current rendition. Only attributes that the
 * client's emulator supports (protocol §5.6): faint, strikethrough, overline and underline styles have no bit here.
 *
 * foreground: bits 0-23 colour, 24-25 kind of colour, 26-31 attributes; background: bits 0-25 likewise.
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

/** A foreground word without its attributes. */
export const FOREGROUND_COLOUR_MASK = KIND_MASK | COLOUR_MASK;

export interface Rendition {
	readonly foreground: number;
	readonly background: number;
}

export const DEFAULT_RENDITION: Rendition = Object.freeze({ foreground: 0, background: 0 });

/** The attributes with the SGR codes that set and clear them. Code 22 also clears faint, which has no bit here. */
export const ATTRIBUTES: readonly { readonly bit: number; readonly on: number; readonly off: number }[] = [
	{ bit: BOLD, on: 1, off: 22 },
	{ bit: ITALIC, on: 3, off: 23 },
	{ bit: UNDERLINE, on: 4, off: 24 },
	{ bit: BLINK, on: 5, off: 25 },
	{ bit: INVERSE, on: 7, off: 27 },
	{ bit: INVISIBLE, on: 8, off: 28 },
];
