/**
 * Limits the length of control strings. xterm.js collects up to 10 MB of an OSC or DCS string for each handler, and a
 * program need never terminate it; other strings (SOS, PM, APC) it discards. The limit is applied in the parser, which
 * knows where a string begins: searching the bytes for that added 10 % to the time for coloured output.
 */
import type { Core, StringParser } from "./internals.js";

/** In code points. The client keeps as many of an OSC string (protocol §5.3), and nothing of a DCS string. */
export const MAX_STRING_LENGTH = 16_384;

export function limitStrings({ _inputHandler: { _parser: parser } }: Core): void {
	limit(parser._oscParser, "start");
	limit(parser._dcsParser, "hook");
}

/** `begin`: the method that xterm.js calls at the start of a string. */
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
		if (end > from) {
			put.call(parser, codePoints, from, end);
		}
	};
}
