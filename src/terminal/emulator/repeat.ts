/**
 * REP, which repeats the character printed last: xterm.js prints each repetition anew, 150 µs for a line of 1000 columns
 * and eight bytes of output. Here cells are copied, with the same outcome.
 */
import {
	CODE_POINT_BITS,
	COMBINED_BIT,
	type Core,
	EXTENDED_BIT,
	type Line,
	lineOfRow,
	type RawParameters,
	WIDTH_SHIFT,
} from "./internals.js";

const CELL = 3;
/** Up to here copying is no faster. */
const FEW = 8;
/** A character of one column that did not join the one before (WidthProvider). */
const NARROW = 2;

export function takeOverRepeat(core: Core): void {
	core.registerCsiHandler({ final: "b" }, (parameters) => repeat(core, parameters));
}

/** True when nothing is left to do for xterm.js. */
function repeat(core: Core, { params }: RawParameters): boolean {
	const { modes, decPrivateModes } = core.coreService;
	// In insert mode each repetition would move the rest of the line; the stock emulator ignores all.
	if (modes.insertMode) return true;
	const handler = core._inputHandler;
	const buffer = handler._activeBuffer;
	const columns = buffer._cols;
	// Programs repeat a character within a line: terminfo's `rep` is for that.
	let left = Math.min(params[0] || 1, columns);
	// What does not wrap is printed over the last cell again and again.
	if (!decPrivateModes.wraparound) left = Math.min(left, Math.max(0, columns - buffer.x) + 1);
	params[0] = left;
	const before = lineOfRow(buffer, buffer.y)?._data[(buffer.x - 1) * CELL] ?? 0;
	if (left <= FEW || handler._parser.precedingJoinState !== NARROW || !isPlain(before)) return false;
	const character = Uint32Array.of(before & CODE_POINT_BITS);
	const print = (): void => {
		handler.print(character, 0, 1);
		left--;
	};
	while (left > 0) {
		// Wraps, and what this does to wide characters that are printed over, are left to xterm.js.
		print();
		const line = lineOfRow(buffer, buffer.y);
		const copies = Math.min(left, columns - buffer.x) - 1;
		if (line === undefined || copies < 1 || !isPlain(line._data[(buffer.x - 1) * CELL] ?? 0)) continue;
		copyCell(line, buffer.x - 1, copies);
		buffer.x += copies;
		left -= copies;
		print();
	}
	return true;
}

/** A character of one column and one code point. */
function isPlain(word: number): boolean {
	return word >>> WIDTH_SHIFT === 1 && (word & COMBINED_BIT) === 0 && (word & CODE_POINT_BITS) !== 0;
}

/** Into the `count` cells after it. */
export function copyCell(
	{ _data: data, _extendedAttrs: extended }: Line,
	column: number,
	count: number,
): void {
	const from = column * CELL;
	const wanted = (count + 1) * CELL;
	for (let done = CELL; done < wanted; done *= 2) {
		data.copyWithin(from + done, from, from + Math.min(done, wanted - done));
	}
	if (((data[from + 2] ?? 0) & EXTENDED_BIT) === 0) return;
	for (let next = column + 1; next <= column + count; next++) extended[next] = extended[column];
}
