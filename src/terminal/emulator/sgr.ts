/**
 * SGR, of which coloured output has ten in a line. xterm.js looks at each parameter up to thirty times, and makes objects for
 * colours and underlines; here those that programs use are looked up, and the others left to it.
 */
import { type Attributes, EXTENDED_BIT, type InputHandler, type RawParameters } from "./internals.js";
import {
	RAW_BLINK,
	RAW_BOLD,
	RAW_COLOUR,
	RAW_FAINT,
	RAW_INVERSE,
	RAW_INVISIBLE,
	RAW_ITALIC,
	RAW_PALETTE_16,
	RAW_PALETTE_256,
	RAW_PALETTE_COLOUR,
	RAW_STRIKE,
	RAW_UNDERLINE,
} from "./raw-rendition.js";

const [FOREGROUND, BACKGROUND, FROM_PALETTE] = [38, 48, 5];
/** There is no higher code. */
const CODES = 108;

/** What a code does to the words of a rendition: bits that it clears, and bits that it sets. */
interface Effect {
	readonly clearedFg?: number;
	readonly fg?: number;
	readonly clearedBg?: number;
	readonly bg?: number;
}

const ALL = ~0;
const SIMPLE: readonly (readonly [code: number, effect: Effect])[] = [
	[0, { clearedFg: ALL, clearedBg: ALL }],
	[1, { fg: RAW_BOLD }],
	[2, { bg: RAW_FAINT }],
	[3, { bg: RAW_ITALIC }],
	[4, { fg: RAW_UNDERLINE }],
	[5, { fg: RAW_BLINK }],
	[7, { fg: RAW_INVERSE }],
	[8, { fg: RAW_INVISIBLE }],
	[9, { fg: RAW_STRIKE }],
	[22, { clearedFg: RAW_BOLD, clearedBg: RAW_FAINT }],
	[23, { clearedBg: RAW_ITALIC }],
	[24, { clearedFg: RAW_UNDERLINE }],
	[25, { clearedFg: RAW_BLINK }],
	[27, { clearedFg: RAW_INVERSE }],
	[28, { clearedFg: RAW_INVISIBLE }],
	[29, { clearedFg: RAW_STRIKE }],
	[39, { clearedFg: RAW_COLOUR }],
	[49, { clearedBg: RAW_COLOUR }],
];

/** The same for every code, as words: those of a code that is left to xterm.js are not used. */
const known = new Uint8Array(CODES);
const keptFg = new Int32Array(CODES);
const setFg = new Int32Array(CODES);
const keptBg = new Int32Array(CODES);
const setBg = new Int32Array(CODES);

function define(code: number, { clearedFg = 0, fg = 0, clearedBg = 0, bg = 0 }: Effect): void {
	known[code] = 1;
	keptFg[code] = ~clearedFg;
	setFg[code] = fg;
	keptBg[code] = ~clearedBg;
	setBg[code] = bg;
}

for (const [code, effect] of SIMPLE) {
	define(code, effect);
}
for (let colour = 0; colour < 8; colour++) {
	const normal = RAW_PALETTE_16 | colour;
	const bright = normal | 8;
	define(30 + colour, { clearedFg: RAW_PALETTE_COLOUR, fg: normal });
	define(40 + colour, { clearedBg: RAW_PALETTE_COLOUR, bg: normal });
	define(90 + colour, { clearedFg: RAW_PALETTE_COLOUR, fg: bright });
	define(100 + colour, { clearedBg: RAW_PALETTE_COLOUR, bg: bright });
}

/**
 * xterm.js keeps underline styles and colours, which the client does not support, in an object for each cell. Whether a
 * cell is underlined is in its words.
 */
export function takeOverSgr(handler: InputHandler): void {
	const { charAttributes } = handler;
	handler.charAttributes = (parameters) => {
		if (select(parameters, handler._curAttrData)) {
			return true;
		}
		const done = charAttributes.call(handler, parameters);
		handler._curAttrData.bg &= ~EXTENDED_BIT;
		return done;
	};
}

type Words = { -readonly [word in keyof Attributes]: Attributes[word] };

/** @returns false, without having changed anything, if some parameter is left to xterm.js */
function select({ length, params, _subParamsLength: subs }: RawParameters, attributes: Words): boolean {
	if (subs > 0) {
		return false;
	}
	let { fg, bg } = attributes;
	for (let index = 0; index < length; index++) {
		const code = params[index] as number;
		if (known[code] === 1) {
			fg = (fg & (keptFg[code] as number)) | (setFg[code] as number);
			bg = (bg & (keptBg[code] as number)) | (setBg[code] as number);
		} else if ((code === FOREGROUND || code === BACKGROUND) && params[index + 1] === FROM_PALETTE) {
			if (index + 2 >= length) {
				return false;
			}
			const colour = RAW_PALETTE_256 | ((params[index + 2] as number) & 0xff);
			if (code === FOREGROUND) {
				fg = (fg & ~RAW_PALETTE_COLOUR) | colour;
			} else {
				bg = (bg & ~RAW_PALETTE_COLOUR) | colour;
			}
			index += 2;
		} else {
			return false;
		}
	}
	attributes.fg = fg;
	attributes.bg = bg;
	return true;
}
