/**
 * Moves of the cursor that xterm.js makes unlike xterm: in origin mode, with a wrap pending, and back to where it was saved.
 */
import type { Core, InputHandler, LineBuffer } from "./internals.js";

/** State of a saved cursor that xterm.js does not save. */
interface Saved {
	readonly origin: boolean;
	readonly pendingWrap: boolean;
}

const NOT_SAVED: Saved = { origin: false, pendingWrap: false };

export function moveCursorAsXterm(core: Core): void {
	const handler = core._inputHandler;
	keepRowInOriginMode(core, handler);
	eraseLastColumn(core, handler);
	keepWrapOverTabs(core, handler);
	saveOriginAndWrap(core, handler);
}

/** xterm.js adds the region's first row to that of a cursor which is in the region already. */
function keepRowInOriginMode(core: Core, handler: InputHandler): void {
	handler._moveCursor = (columns, rows) => {
		handler._restrictCursor();
		const buffer = handler._activeBuffer;
		// No further than needed: a number beyond 31 bits would be stored in another way, for which V8 compiles everything again.
		buffer.x = Math.min(buffer.x + columns, buffer._cols);
		buffer.y = Math.min(buffer.y + rows, buffer._rows);
		handler._restrictCursor();
	};
	for (const final of ["G", "`"]) {
		core.registerCsiHandler({ final }, ({ params }) => {
			handler._activeBuffer.x = (params[0] || 1) - 1;
			handler._restrictCursor();
			return true;
		});
	}
}

/** With a wrap pending, the cursor is in the last column, which erasing includes. */
function eraseLastColumn(core: Core, handler: InputHandler): void {
	for (const prefix of ["", "?"]) {
		for (const final of ["J", "K"]) {
			core.registerCsiHandler({ ...(prefix && { prefix }), final }, () => {
				handler._restrictCursor();
				return false;
			});
		}
	}
}

/** Moving back by tabs from the last column with a wrap pending leaves it pending: what is printed next wraps. */
function keepWrapOverTabs(core: Core, handler: InputHandler): void {
	core.registerCsiHandler({ final: "Z" }, ({ params }) => {
		const buffer = handler._activeBuffer;
		if (buffer.x < buffer._cols) {
			return false;
		}
		buffer.x = buffer._cols - 1;
		for (let left = params[0] || 1; left > 0 && buffer.x > 0; left--) {
			buffer.x = buffer.prevStop();
		}
		handler.wrapsFrom = { buffer, x: buffer.x, y: buffer.y };
		return true;
	});
	const { print } = handler;
	handler.print = (codePoints, from, to) => {
		if (handler.wrapsFrom !== undefined) {
			const { buffer, x, y } = handler.wrapsFrom;
			handler.wrapsFrom = undefined;
			if (buffer === handler._activeBuffer && buffer.x === x && buffer.y === y) {
				buffer.x = buffer._cols;
			}
		}
		print.call(handler, codePoints, from, to);
	};
}

function saveOriginAndWrap({ coreService }: Core, handler: InputHandler): void {
	const { saveCursor, restoreCursor, softReset } = handler;
	const saved = new WeakMap<LineBuffer, Saved>();
	handler.saveCursor = () => {
		const buffer = handler._activeBuffer;
		const pendingWrap = buffer.x >= buffer._cols;
		saved.set(buffer, { origin: coreService.decPrivateModes.origin, pendingWrap });
		return saveCursor.call(handler);
	};
	handler.restoreCursor = () => {
		const buffer = handler._activeBuffer;
		const { origin, pendingWrap } = saved.get(buffer) ?? NOT_SAVED;
		coreService.decPrivateModes.origin = origin;
		const done = restoreCursor.call(handler);
		if (pendingWrap && buffer.savedX >= buffer._cols) {
			buffer.x = buffer._cols;
		}
		return done;
	};
	handler.softReset = (parameters) => {
		saved.delete(handler._activeBuffer);
		return softReset.call(handler, parameters);
	};
}
