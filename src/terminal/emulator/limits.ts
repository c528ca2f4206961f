/** Sequences that xterm.js carries out in time, or memory, proportional to a number the program chooses. */
import type { IParser } from "@xterm/headless";

/** Above any size of a screen, and 1-3 ms of work; xterm.js would take up to 2^31. */
const MAX_REPETITION = 1000;
/** Insert, delete and scroll lines, tabs forward and back, repeat the last character. */
const REPEATING = ["L", "M", "S", "T", "I", "Z", "b"] as const;
/** LNM: the stock emulator ignores it, and xterm.js would keep it even through a reset. */
const NEW_LINE_MODE = 20;

/** Makes the parser ignore such sequences when the number is absurd. */
export function boundRepetition(parser: IParser): void {
	for (const final of REPEATING) {
		parser.registerCsiHandler({ final }, ([count]) => typeof count === "number" && count > MAX_REPETITION);
	}
	parser.registerCsiHandler({ final: "h" }, (parameters) => parameters.includes(NEW_LINE_MODE));
}
