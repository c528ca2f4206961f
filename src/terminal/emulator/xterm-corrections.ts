/**
 * Corrections of what xterm.js does unlike xterm, found by comparing both on random programs. They are independent of the
 * limits of work.
 */
import type { Terminal } from "@xterm/headless";
import { clearAlternateAsXterm } from "./alternate-screen.js";
import { readColoursWithoutSpace } from "./colours.js";
import { clearOnColumnMode } from "./column-mode.js";
import { moveCursorAsXterm } from "./cursor-moves.js";
import type { Core } from "./internals.js";
import { placeMarks } from "./marks.js";
import { correctParser } from "./parser-corrections.js";

export function behaveAsXterm(terminal: Terminal, core: Core): void {
	placeMarks(core);
	moveCursorAsXterm(core);
	clearAlternateAsXterm(core);
	clearOnColumnMode(terminal, core);
	readColoursWithoutSpace(core._inputHandler);
	correctParser(core._inputHandler._parser);
}
