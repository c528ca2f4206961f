/**
 * Limits sequences for which xterm.js takes time or memory out of proportion to their length, and has what floods consist of done
 * without it.
 */
import type { IFunctionIdentifier, Terminal } from "@xterm/headless";
import type { Core, Parser } from "./internals.js";
import { takeOverLineFunctions } from "./line-functions.js";
import { takeOverPlainText } from "./plain-text.js";
import { takeOverRepeat } from "./repeat.js";
import { takeOverSgr } from "./sgr.js";
import { limitStrings } from "./string-limit.js";
import { behaveAsXterm } from "./xterm-corrections.js";

/**
 * The stock emulator ignores these, and no terminfo entry contains them. For scroll left and right (SL, SR) and insert and
 * delete columns (DECIC, DECDC), xterm.js moves every cell of the screen.
 */
const REFUSED: readonly IFunctionIdentifier[] = [
	{ intermediates: " ", final: "@" },
	{ intermediates: " ", final: "A" },
	{ intermediates: "'", final: "}" },
	{ intermediates: "'", final: "~" },
];

/** LNM: the stock emulator ignores it, and xterm.js keeps it even after a reset. */
const NEW_LINE_MODE = 20;

/** Insert, delete and scroll lines, tab forward and back, repeat the last character, all `count` times. */
const REPEATING = ["L", "M", "S", "T", "I", "Z", "b"] as const;
/** Without the internals: larger than any screen; xterm.js accepts up to 2^31. */
const MAX_REPETITION = 1000;

/** Limits the work done for a sequence; less strictly without `core`. */
export function limitWork(terminal: Terminal, core: Core | undefined): void {
	const { parser } = terminal;
	for (const id of REFUSED) {
		parser.registerCsiHandler(id, () => true);
	}
	parser.registerCsiHandler({ final: "h" }, (parameters) => parameters.includes(NEW_LINE_MODE));
	if (core === undefined) {
		for (const final of REPEATING) {
			parser.registerCsiHandler({ final }, ([count]) => typeof count === "number" && count > MAX_REPETITION);
		}
		return;
	}
	takeOverLineFunctions(terminal, core);
	behaveAsXterm(terminal, core);
	limitStrings(core);
	takeOverRepeat(core);
	// Last: what it prints, none of the others has to look at.
	takeOverPlainText(core);
	ignoreUnknown(core._inputHandler._parser);
	takeOverSgr(core._inputHandler);
}

/** For a sequence without a handler xterm.js builds a log message, even with logging off. */
function ignoreUnknown(parser: Parser): void {
	const ignore = (): void => {};
	parser.setCsiHandlerFallback(ignore);
	parser.setEscHandlerFallback(ignore);
	parser.setExecuteHandlerFallback(ignore);
	parser.setOscHandlerFallback(ignore);
	parser.setDcsHandlerFallback(ignore);
}
