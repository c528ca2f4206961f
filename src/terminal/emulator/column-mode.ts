/**
 * Switching between 80 and 132 columns (DECCOLM). The width is the client's and stays; but where a program has allowed the
 * switch (mode 40), the screen is cleared and the margins are reset as in xterm, which vttest and curses' `is2` rely on.
 */
import type { Terminal } from "@xterm/headless";
import type { Core } from "./internals.js";
import { blankRows } from "./shared-lines.js";

const COLUMNS = 3;
const ALLOWED = 40;

export function clearOnColumnMode(terminal: Terminal, core: Core): void {
	const handler = core._inputHandler;
	let allowed = false;
	const resetMargins = (): void => {
		const buffer = handler._activeBuffer;
		buffer.scrollTop = 0;
		buffer.scrollBottom = terminal.rows - 1;
	};
	const clear = (): void => {
		blankRows(handler._activeBuffer, 0, terminal.rows, handler._eraseAttrData());
		resetMargins();
		handler._setCursor(0, 0);
	};
	// So does the alignment test (DECALN).
	terminal.parser.registerEscHandler({ intermediates: "#", final: "8" }, () => {
		resetMargins();
		return false;
	});
	for (const final of ["h", "l"]) {
		core.registerCsiHandler({ prefix: "?", final }, ({ params, length }) => {
			for (let index = 0; index < length; index++) {
				const mode = params[index];
				if (mode === ALLOWED) {
					allowed = final === "h";
				} else if (mode === COLUMNS && allowed) {
					clear();
				}
			}
			return false;
		});
	}
	terminal.parser.registerEscHandler({ final: "c" }, () => {
		allowed = false;
		return false;
	});
}
