/**
 * Byte streams of programs, for comparing what the stock client shows through the stock server and through ours.
 *
 * Each stream expects an 80x24 terminal in its initial state (so the runner resets in between) whose line
 * discipline passes bytes on as they are (raw output), leaves the cursor at a determined place, ends outside
 * any sequence, and prompts no answer from the terminal. Modes may stay set. Unless an entry says
 * `differsBecause`, the two screens must be equal; where it does, they may differ, and the runner lists it.
 *
 * An outer terminal that joins what wcwidth keeps apart (tmux: regional indicators, skin tones) shows remains of
 * what it showed before: give it a fresh window for each stream.
 */
import { capturedStreams } from "./captures.js";
import { colourStreams } from "./colour.js";
import { cursorStreams } from "./cursor.js";
import { extensionStreams } from "./extensions.js";
import { modeStreams } from "./modes.js";
import type { ProgramOutput } from "./program-output.js";
import { stringStreams } from "./strings.js";
import { textStreams } from "./text.js";
import { unicodeStreams } from "./unicode.js";

export type { ProgramOutput } from "./program-output.js";

export const corpus: readonly ProgramOutput[] = [
	...textStreams,
	...colourStreams,
	...cursorStreams,
	...unicodeStreams,
	...modeStreams,
	...stringStreams,
	...extensionStreams,
	...capturedStreams,
];
