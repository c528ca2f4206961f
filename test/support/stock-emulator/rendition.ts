/** Colours and attributes of a cell, and SGR as the stock client reads it (protocol §5.6). */

/** Terminal default, palette index 0-255, or "#rrggbb". */
export type Colour = "default" | number | `#${string}`;

export interface Rendition {
	readonly bold: boolean;
	readonly italic: boolean;
	readonly underlined: boolean;
	readonly blink: boolean;
	readonly inverse: boolean;
	readonly invisible: boolean;
	readonly foreground: Colour;
	readonly background: Colour;
}

export const defaultRendition: Rendition = {
	bold: false,
	italic: false,
	underlined: false,
	blink: false,
	inverse: false,
	invisible: false,
	foreground: "default",
	background: "default",
};

const attributeCodes: Readonly<Record<number, Partial<Rendition>>> = {
	1: { bold: true },
	3: { italic: true },
	4: { underlined: true },
	5: { blink: true },
	7: { inverse: true },
	8: { invisible: true },
	22: { bold: false },
	23: { italic: false },
	24: { underlined: false },
	25: { blink: false },
	27: { inverse: false },
	28: { invisible: false },
	39: { foreground: "default" },
	49: { background: "default" },
};

function hexByte(value: number): string {
	return (value & 0xff).toString(16).padStart(2, "0");
}

/** The sixteen classic colours, or undefined if `code` is none of them. */
function classicColour(code: number): Partial<Rendition> | undefined {
	if (code >= 30 && code <= 37) {
		return { foreground: code - 30 };
	}
	if (code >= 40 && code <= 47) {
		return { background: code - 40 };
	}
	if (code >= 90 && code <= 97) {
		return { foreground: code - 90 + 8 };
	}
	if (code >= 100 && code <= 107) {
		return { background: code - 100 + 8 };
	}
	return undefined;
}

/** An extended colour starting at `at`, and how many codes it took; undefined if incomplete or not one. */
function extendedColour(codes: readonly number[], at: number): [Partial<Rendition>, number] | undefined {
	const target = codes[at] === 38 ? "foreground" : codes[at] === 48 ? "background" : undefined;
	if (target === undefined) {
		return undefined;
	}
	const index = codes[at + 2];
	if (codes[at + 1] === 5 && index !== undefined) {
		return [index <= 255 ? { [target]: index } : {}, 3];
	}
	const [red, green, blue] = codes.slice(at + 2, at + 5);
	if (codes[at + 1] === 2 && red !== undefined && green !== undefined && blue !== undefined) {
		return [{ [target]: `#${hexByte(red)}${hexByte(green)}${hexByte(blue)}` }, 5];
	}
	return undefined;
}

/** Applies SGR codes from left to right; unknown ones are skipped singly, so `58;5;1` blinks and is bold. */
export function applySgr(start: Rendition, codes: readonly number[]): Rendition {
	let rendition = start;
	for (let at = 0; at < codes.length; ) {
		const code = codes[at] ?? 0;
		const extended = extendedColour(codes, at);
		const change = extended?.[0] ?? attributeCodes[code] ?? classicColour(code) ?? {};
		rendition = code === 0 ? defaultRendition : { ...rendition, ...change };
		at += extended?.[1] ?? 1;
	}
	return rendition;
}
