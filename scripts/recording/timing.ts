/** The pace of a recording: which of its frames are shown, and for how long. Pure. */

import type { Frame } from "./frame.js";
import { sameCell } from "./frame.js";

/** Nobody sees a frame shorter than this: it is one half of an update that came in two pieces. */
const SHORTEST_MS = 30;
/** Long enough to read a screen; the machine's own delays beyond it show nothing. */
export const LONGEST_MS = 3000;

/**
 * The frames worth showing: without repetitions and without those that were replaced within 30 ms. Every wait of more
 * than 3 s becomes one of 3 s; all others stay as they were.
 */
export function paced(frames: readonly Frame[]): Frame[] {
	const shown: Frame[] = [];
	for (const frame of frames) {
		const last = shown.at(-1);
		if (last !== undefined && sameScreen(last, frame)) {
			continue;
		}
		// The update is as old as its first piece.
		if (last !== undefined && frame.at - last.at < SHORTEST_MS) {
			shown.splice(-1, 1, { ...frame, at: last.at });
		} else {
			shown.push(frame);
		}
	}
	let removed = shown[0]?.at ?? 0;
	return shown.map((frame, index) => {
		const wait = frame.at - (shown[index - 1] ?? frame).at;
		removed += Math.max(0, wait - LONGEST_MS);
		return { ...frame, at: frame.at - removed };
	});
}

function sameScreen(one: Frame, other: Frame): boolean {
	return (
		one.cursor?.row === other.cursor?.row &&
		one.cursor?.column === other.cursor?.column &&
		one.rows.every((row, at) =>
			row.every((cell, column) => {
				const beside = other.rows[at]?.[column];
				return beside !== undefined && sameCell(cell, beside);
			}),
		)
	);
}
