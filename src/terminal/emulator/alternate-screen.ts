/**
 * Which of the alternate screen's modes clears it, as in xterm: 1049 when it is entered, 1047 when it is left, 47 never.
 * xterm.js clears it whenever it is left.
 */
import type { Buffers, Core, LineBuffer } from "./internals.js";
import { hasMode } from "./private-modes.js";
import { blankRows } from "./shared-lines.js";

const [KEPT, CLEARED_ON_ENTRY, CLEARED_ON_LEAVING] = [47, 1049, 1047];

export function clearAlternateAsXterm(core: Core): void {
	const { buffers } = core._inputHandler._bufferService;
	core.registerCsiHandler({ prefix: "?", final: "l" }, (modes) => {
		// A program that leaves by several modes at once does not want it kept.
		if (hasMode(modes, KEPT) && !hasMode(modes, CLEARED_ON_ENTRY) && !hasMode(modes, CLEARED_ON_LEAVING)) {
			leaveKeeping(buffers);
		}
		return false;
	});
	core.registerCsiHandler({ prefix: "?", final: "h" }, (modes) => {
		const { alt } = buffers;
		const cleared = hasMode(modes, CLEARED_ON_ENTRY);
		if (cleared) {
			if (isHidden(buffers)) {
				alt.clear();
			} else {
				blankRows(alt, 0, alt._rows);
			}
		}
		if (cleared || hasMode(modes, KEPT) || hasMode(modes, CLEARED_ON_LEAVING)) {
			// Otherwise a new one would have the current background. One with contents stays as it is.
			alt.fillViewportRows();
		}
		return false;
	});
}

function isHidden({ active, alt }: Buffers): boolean {
	return active !== alt;
}

function leaveKeeping(buffers: Buffers): void {
	if (isHidden(buffers)) {
		return;
	}
	const { alt } = buffers;
	const { clear }: Pick<LineBuffer, "clear"> = alt;
	alt.clear = () => {};
	buffers.activateNormalBuffer();
	alt.clear = clear;
}
