/**
 * Replies to the program's queries (protocol §5.9): the same as from the stock server, plus DECRQM and DECXCPR, which can
 * be answered correctly, and those of status-replies.ts. Queries about the outer terminal (colours, size in pixels, name and version), which is unknown,
 * remain unanswered.
 */
import type { Terminal } from "@xterm/headless";
import { MOUSE_ENCODINGS, MOUSE_MODES, type Modes } from "../screen/modes.js";

const PRIMARY_ATTRIBUTES = "\x1b[?62c";
const SECONDARY_ATTRIBUTES = "\x1b[>1;10;0c";

const UNKNOWN = 0;
const SET = 1;
const RESET = 2;

export function answerQueries(terminal: Terminal, modes: Modes, reply: (text: string) => void): void {
	const { parser } = terminal;
	const cursor = (): string => {
		const { cursorX, cursorY } = terminal.buffer.active;
		return `${cursorY + 1};${Math.min(cursorX, terminal.cols - 1) + 1}`;
	};
	parser.registerCsiHandler({ final: "c" }, () => answered(PRIMARY_ATTRIBUTES));
	parser.registerCsiHandler({ prefix: ">", final: "c" }, () => answered(SECONDARY_ATTRIBUTES));
	parser.registerCsiHandler({ final: "n" }, ([which]) => {
		if (which === 5) {
			reply("\x1b[0n");
		}
		if (which === 6) {
			reply(`\x1b[${cursor()}R`);
		}
		return true;
	});
	parser.registerCsiHandler({ prefix: "?", final: "n" }, ([which]) => {
		if (which === 6) {
			reply(`\x1b[?${cursor()}R`);
		}
		return true;
	});
	parser.registerCsiHandler({ intermediates: "$", final: "p" }, ([mode]) => {
		const state = mode === 4 ? setOrReset(terminal.modes.insertMode) : UNKNOWN;
		return answered(`\x1b[${mode};${state}$y`);
	});
	parser.registerCsiHandler({ prefix: "?", intermediates: "$", final: "p" }, ([mode]) =>
		answered(`\x1b[?${mode};${privateMode(terminal, modes, mode)}$y`),
	);

	function answered(text: string): true {
		reply(text);
		return true;
	}
}

function setOrReset(on: boolean): number {
	return on ? SET : RESET;
}

function privateMode(terminal: Terminal, modes: Modes, mode: number | number[] | undefined): number {
	if (MOUSE_MODES.some((known) => known === mode)) {
		return setOrReset(modes.mouseMode === mode);
	}
	if (MOUSE_ENCODINGS.some((known) => known === mode)) {
		return setOrReset(modes.mouseEncoding === mode);
	}
	switch (mode) {
		case 1:
			return setOrReset(terminal.modes.applicationCursorKeysMode);
		case 5:
			return setOrReset(modes.reverseVideo);
		case 6:
			return setOrReset(terminal.modes.originMode);
		case 7:
			return setOrReset(terminal.modes.wraparoundMode);
		case 25:
			return setOrReset(modes.cursorVisible);
		case 45:
			return setOrReset(terminal.modes.reverseWraparoundMode);
		case 47:
		case 1047:
		case 1049:
			return setOrReset(terminal.buffer.active.type === "alternate");
		case 66:
			return setOrReset(terminal.modes.applicationKeypadMode);
		case 1004:
			return setOrReset(modes.focusReports);
		case 1007:
			return setOrReset(modes.alternateScroll);
		case 2004:
			return setOrReset(modes.bracketedPaste);
		case 2026:
			return setOrReset(terminal.modes.synchronizedOutputMode);
		default:
			return UNKNOWN;
	}
}
