/** Sequences that xterm.js carries out in time, or memory, out of all proportion to their length, and what is left of them. */
import type { IFunctionIdentifier, Terminal } from "@xterm/headless";
import { type Core, EXTENDED_BIT, type InputHandler, type Parser } from "./internals.js";
import { takeOverLineFunctions } from "./line-functions.js";
import { takeOverRepeat } from "./repeat.js";
import { limitStrings } from "./string-limit.js";

/**
 * The stock emulator ignores these, and no terminfo entry tells of them. xterm.js moves every cell of the screen for
 * each: scroll left and right (SL, SR), insert and delete columns (DECIC, DECDC). Once a cell is protected (DECSCA), it
 * looks at every cell of the screen for each selective erasure.
 */
const REFUSED: readonly IFunctionIdentifier[] = [
	{ intermediates: " ", final: "@" },
	{ intermediates: " ", final: "A" },
	{ intermediates: "'", final: "}" },
	{ intermediates: "'", final: "~" },
	{ intermediates: '"', final: "q" },
];

/** LNM: the stock emulator ignores it, and xterm.js would keep it even through a reset. */
const NEW_LINE_MODE = 20;

/** Insert, delete and scroll lines, tabs forward and back, repeat the last character: `count` times. */
const REPEATING = ["L", "M", "S", "T", "I", "Z", "b"] as const;
/** Without the internals: above any size of a screen; xterm.js would take up to 2^31. */
const MAX_REPETITION = 1000;

/** Bounds what the parser of `terminal` does for a sequence; less closely without `core`. */
export function limitWork(terminal: Terminal, core: Core | undefined): void {
	const { parser } = terminal;
	for (const id of REFUSED) parser.registerCsiHandler(id, () => true);
	parser.registerCsiHandler({ final: "h" }, (parameters) => parameters.includes(NEW_LINE_MODE));
	if (core === undefined) {
		for (const final of REPEATING) {
			parser.registerCsiHandler({ final }, ([count]) => typeof count === "number" && count > MAX_REPETITION);
		}
		return;
	}
	takeOverLineFunctions(terminal, core);
	limitStrings(core);
	takeOverRepeat(core);
	ignoreTheUnknown(core._inputHandler._parser);
	dropUnderlineStyles(core._inputHandler);
}

/** xterm.js puts together what it would log of it, if it did. */
function ignoreTheUnknown(parser: Parser): void {
	const ignore = (): void => {};
	parser.setCsiHandlerFallback(ignore);
	parser.setEscHandlerFallback(ignore);
	parser.setExecuteHandlerFallback(ignore);
	parser.setOscHandlerFallback(ignore);
	parser.setDcsHandlerFallback(ignore);
}

/**
 * Styles and colours of underlines, of which the client knows nothing, are kept by xterm.js in an entry for each cell
 * beside its words. Whether there is an underline is in the words.
 */
function dropUnderlineStyles(handler: InputHandler): void {
	const { charAttributes } = handler;
	handler.charAttributes = (parameters) => {
		const done = charAttributes.call(handler, parameters);
		handler._curAttrData.bg &= ~EXTENDED_BIT;
		return done;
	};
}
