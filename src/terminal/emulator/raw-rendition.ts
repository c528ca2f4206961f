/** The two words by which xterm.js keeps the rendition of a cell, and those of screens made of them. */
import { BLINK, BOLD, INDEXED, INVERSE, INVISIBLE, ITALIC, RGB, UNDERLINE } from "../screen/rendition.js";

/** Kinds of colours: 1 and 2 are palettes, 3 is RGB. */
const KIND_SHIFT = 24;
const KIND = 3;
const RGB_KIND = 3;
/** All of a colour, and what of it a colour of a palette replaces. */
export const RAW_COLOUR = (KIND << KIND_SHIFT) | 0xffffff;
export const RAW_PALETTE_COLOUR = (KIND << KIND_SHIFT) | 0xff;
export const RAW_PALETTE_16 = 1 << KIND_SHIFT;
export const RAW_PALETTE_256 = 2 << KIND_SHIFT;

/** In the foreground's word. */
export const RAW_INVERSE = 1 << 26;
export const RAW_BOLD = 1 << 27;
export const RAW_UNDERLINE = 1 << 28;
export const RAW_BLINK = 1 << 29;
export const RAW_INVISIBLE = 1 << 30;
export const RAW_STRIKE = 1 << 31;
/** In the background's word. */
export const RAW_ITALIC = 1 << 26;
export const RAW_FAINT = 1 << 27;

/** The foreground word of a screen: colour and attributes of 1.4.0. */
export function foregroundOf(foreground: number, background: number): number {
	let word = colourOf(foreground);
	if (foreground & RAW_BOLD) {
		word |= BOLD;
	}
	if (background & RAW_ITALIC) {
		word |= ITALIC;
	}
	if (foreground & RAW_UNDERLINE) {
		word |= UNDERLINE;
	}
	if (foreground & RAW_BLINK) {
		word |= BLINK;
	}
	if (foreground & RAW_INVERSE) {
		word |= INVERSE;
	}
	if (foreground & RAW_INVISIBLE) {
		word |= INVISIBLE;
	}
	return word >>> 0;
}

export function colourOf(word: number): number {
	const kind = (word >>> KIND_SHIFT) & KIND;
	if (kind === 0) {
		return 0;
	}
	return kind === RGB_KIND ? RGB | (word & 0xffffff) : INDEXED | (word & 0xff);
}
