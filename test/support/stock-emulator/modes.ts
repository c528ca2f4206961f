/** The modes the stock client knows (protocol §5.4 and §5.7). */

import type { Framebuffer } from "./framebuffer.js";

/** SM and RM: 4 (insert) is the only one known. */
export function setAnsiMode(screen: Framebuffer, mode: number, on: boolean): void {
	if (mode === 4) {
		screen.insert = on;
	}
}

/** Modes 3 and 6 go home; although mode setting keeps a pending wrap, these two moves cancel it (measured). */
function home(screen: Framebuffer): void {
	screen.moveTo(screen.topLimit, 0);
	screen.pendingWrap = false;
}

/** DECSET and DECRST. */
export function setPrivateMode(screen: Framebuffer, mode: number, on: boolean): void {
	switch (mode) {
		case 1:
			screen.applicationCursorKeys = on;
			return;
		case 3:
			screen.eraseRows(0, screen.rows - 1);
			home(screen);
			return;
		case 5:
			screen.reverseVideo = on;
			return;
		case 6:
			home(screen);
			screen.origin = on;
			return;
		case 7:
			screen.autowrap = on;
			return;
		case 25:
			screen.cursorVisible = on;
			return;
		case 9:
		case 1000:
		case 1001:
		case 1002:
		case 1003:
			screen.mouseMode = on ? mode : 0;
			return;
		case 1004:
			screen.focusReports = on;
			return;
		case 1005:
		case 1006:
		case 1015:
			screen.mouseEncoding = on ? mode : 0;
			return;
		case 1007:
			screen.alternateScroll = on;
			return;
		case 2004:
			screen.bracketedPaste = on;
	}
}
