/**
 * Keeps control strings short. xterm.js collects up to 10 MB of an OSC or DCS string for every handler it has, and a
 * program need never end it; of the other strings (SOS, PM, APC) it keeps nothing. The limit sits in its parser, which
 * knows where a string begins: looking for that in the bytes took 10 % of what coloured output takes.
 */
import type { Core, StringParser } from "./internals.js";

/** Code points kept of a string. The client keeps as many of an OSC string (protocol §5.3), and none of a DCS string. */
export const MAX_STRING_LENGTH = 16_384;

export function limitStrings({ _inputHandler: { _parser: parser } }: Core): void {
	limit(parser._oscParser, "start");
	limit(parser._dcsParser, "hook");
}

/** `begin`: the function by which xterm.js begins a string. */
function limit<Begin extends string>(
	parser: StringParser & Record<Begin, (...given: unknown[]) => void>,
	begin: Begin,
): void {
	const { put } = parser;
	const start: (...given: unknown[]) => void = parser[begin];
	let left = 0;
	const startAnew = (...given: unknown[]): void => {
		left = MAX_STRING_LENGTH;
		start.apply(parser, given);
	};
	Object.assign(parser, { [begin]: startAnew });
	parser.put = (codePoints, from, to) => {
		const end = Math.min(to, from + left);
		left -= end - from;
		if (end > from) put.call(parser, codePoints, from, end);
	};
}
