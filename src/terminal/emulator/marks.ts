/**
 * Which cell a mark joins that follows a move of the cursor: the one under the cursor, as in xterm and on the client
 * (protocol §5.5). xterm.js has it join the one before.
 */
import { codePointWidth } from "../screen/width.js";
import {
	CELL,
	type Core,
	type CursorPosition,
	HAS_CONTENT,
	type InputHandler,
	type LineBuffer,
} from "./internals.js";
import { readableLine } from "./shared-lines.js";

/** No lower code point is a mark. */
const FIRST_MARK = 0x300;

/** To be called after something has been printed by other means than `print`. */
export function notePrintedHere({ printedTo, _activeBuffer: buffer }: InputHandler): void {
	if (printedTo !== undefined) {
		update(printedTo, buffer);
	}
}

function update(position: CursorPosition, buffer: LineBuffer): void {
	position.buffer = buffer;
	position.x = buffer.x;
	position.y = buffer.y;
}

export function placeMarks({ _inputHandler: handler }: Core): void {
	const { print } = handler;
	const printed: CursorPosition = { buffer: undefined, x: 0, y: 0 };
	handler.printedTo = printed;
	handler.print = (codePoints, from, to) => {
		let first = from;
		const buffer = handler._activeBuffer;
		if ((codePoints[from] ?? 0) >= FIRST_MARK && handler._parser.precedingJoinState === 0) {
			const moved = buffer !== printed.buffer || buffer.x !== printed.x || buffer.y !== printed.y;
			while (moved && first < to && joinCellUnderCursor(handler, codePoints[first] ?? 0)) {
				first++;
			}
		}
		if (first === to) {
			return;
		}
		print.call(handler, codePoints, first, to);
		update(printed, buffer);
	};
}

function joinCellUnderCursor(handler: InputHandler, codePoint: number): boolean {
	const buffer = handler._activeBuffer;
	const content = readableLine(buffer, buffer.y)?._data[buffer.x * CELL] ?? 0;
	if (buffer.x >= buffer._cols || (content & HAS_CONTENT) === 0 || codePointWidth(codePoint) !== 0) {
		return false;
	}
	buffer.lines.get(buffer.ybase + buffer.y)?.addCodepointToCell(buffer.x, codePoint, 0);
	return true;
}
