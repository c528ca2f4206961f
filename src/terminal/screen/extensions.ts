/**
 * What newer clients show and 1.4.0 ignores, and what is done instead for a client without it. Each costs bytes, so the
 * user's environment switches it on.
 */
import { FOREGROUND_COLOUR_MASK, INDEXED, KIND_MASK, RGB } from "./rendition.js";

/**
 * `links`: hyperlinks (OSC 8); `cursor`: its shape (DECSCUSR); `underline`: style and colour of underlines; `faint`,
 * `strike`: text that is; `faint-grey`: faint text in a darker colour, for clients without `faint`, which it excludes.
 */
export const EXTENSIONS = ["links", "cursor", "underline", "faint", "strike", "faint-grey"] as const;

export type Extension = (typeof EXTENSIONS)[number];
export type Extensions = ReadonlySet<Extension>;

export const NO_EXTENSIONS: Extensions = new Set();

/** Parameters of DECSCUSR: 0 and up to 6, two for each shape, of which the odd one blinks. */
export const MAX_CURSOR_SHAPE = 6;

const GREY = INDEXED | 8;
const WHITE = INDEXED | 7;

/** A foreground word with a darker colour: grey for the default and white, a normal colour for a bright one. */
export function darker(foreground: number): number {
	const colour = foreground & FOREGROUND_COLOUR_MASK;
	const attributes = foreground & ~FOREGROUND_COLOUR_MASK;
	return (attributes | darkerColour(colour)) >>> 0;
}

function darkerColour(colour: number): number {
	if ((colour & KIND_MASK) === RGB) {
		return RGB | ((colour >> 1) & 0x7f7f7f);
	}
	if (colour === 0 || colour === WHITE || colour === (INDEXED | 15)) {
		return GREY;
	}
	const bright = colour > GREY && colour < (INDEXED | 15);
	return bright ? colour - 8 : colour;
}
