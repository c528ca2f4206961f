/**
 * What xterm.js does in most sessions. Run at installation, so that what it takes is compiled by then, and the rest of xterm.js, which
 * would take 0.2 MiB of every server, only when it is needed.
 */

import { Emulator } from "../terminal/index.js";
import { DEFAULT_LINES } from "./session/scrollback.js";
import { INITIAL_SIZE } from "./session/terminal-state.js";

const PROMPT = "\x1b]0;user@host: ~\x07\x1b[?2004h\x1b[01;32muser@host\x1b[00m:\x1b[01;34m~\x1b[00m$ ";
const TYPING = "ls\b\x1b[K\b\x1b[1Pls\x1b[C\x1b[1@ -l\x07\r\n\x1b[?2004l\r";
const LISTING =
	"drwxr-xr-x 2 user user\t4096 \x1b[0m\x1b[01;34mfolder\x1b[0m  \x1b[38;5;196m漢字 e\u0301 😀\x1b[m\r\n";
const EDITOR = [
	// It asks the terminal what it is, and sets it up.
	"\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[?12h\x1b[2 q\x1b[?25l\x1b[4l\x1b[c\x1b[6n\x1bP$qm\x1b\\\x1b[H\x1b[2J",
	// It scrolls, and inserts and deletes lines.
	"\x1b[1;20r\x1b[20;1H\n\x1b[L\x1b[M\x1bM\x1b[r",
	// It paints.
	"\x1b[3d\x1b[A\x1b[B\x1b[4;7H\x1b[48;2;1;2;3mtext\x1b[4X\x1b7\x1b[1;1H\x1b[J\x1b8\x1b(0lqk\x1b(B",
	"\x1b[?25h\x1b[?1l\x1b>\x1b[?1049l",
].join("");

export function rehearse(): void {
	const emulator = new Emulator({ ...INITIAL_SIZE, historyLines: DEFAULT_LINES, onReply() {} });
	const { columns, rows } = INITIAL_SIZE;
	for (const text of [PROMPT, TYPING, LISTING.repeat(2 * rows), EDITOR, PROMPT]) {
		emulator.write(Buffer.from(text));
		emulator.snapshot();
	}
	emulator.resize(columns + 20, rows + 6);
	emulator.snapshot();
}
