/** What xterm.js's parser does unlike xterm: text of other scripts within strings, and parameters after colons. */
import type { Parser } from "./internals.js";

/** States of the parser. */
const [STRING, DCS_ENTRY, DCS_PARAMETERS, DCS_INTERMEDIATE, DCS_IGNORED] = [7, 9, 10, 12, 11];
/** The class of all characters from U+00A0 on. */
const NOT_ASCII = 0xa0;
/** With action 0, the character is ignored. */
const CLASSES_SHIFT = 8;

const SGR = "m".charCodeAt(0);

export function correctParser(parser: Parser): void {
	keepStrings(parser);
	ignoreColons(parser);
}

/** xterm.js ends a string (APC, PM, SOS) at the first character that is not ASCII, and prints the rest. */
function keepStrings({ _transitions: { table } }: Parser): void {
	table[(STRING << CLASSES_SHIFT) | NOT_ASCII] = STRING;
	for (const state of [DCS_ENTRY, DCS_PARAMETERS, DCS_INTERMEDIATE]) {
		table[(state << CLASSES_SHIFT) | NOT_ASCII] = DCS_IGNORED;
	}
}

/** Only SGR has parameters after colons. Other sequences with colons are not those without. */
function ignoreColons({ _csiHandlers: all }: Parser): void {
	for (const [id, handlers] of Object.entries(all)) {
		if (Number(id) !== SGR) {
			handlers.push(({ _subParamsLength: count }) => count > 0);
		}
	}
}
