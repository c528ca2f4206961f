/** Detects text that moved up or down, so that the client can scroll it instead of receiving it again. */
import { blankRow, CELL_WORDS, type Row } from "../screen/row.js";

export interface Scroll {
	/** First and last row of the region, 0-based, inclusive. */
	readonly top: number;
	readonly bottom: number;
	/** Rows by which the text moves up; negative: down. Never 0, and less than the height of the region. */
	readonly up: number;
}

/** Rows that repeat more often (such as the tildes of an editor) do not show where text went. */
const MAX_REPEATS = 4;

/** The scroll that puts most of the rows in place that are not yet, if there is one. Both screens have the same size. */
export function findScroll(from: readonly Row[], to: readonly Row[]): Scroll | undefined {
	const up = likelyDistance(from, to);
	if (up !== 0) {
		return bestRegion(from, to, up);
	}
	for (const distance of [1, -1]) {
		const scroll = isLikely(from, to, distance) ? bestRegion(from, to, distance) : undefined;
		if (scroll !== undefined) {
			return scroll;
		}
	}
	return undefined;
}

/** Of rows that repeat too often: whether one step puts most of those in place that are not yet, as if two kinds took turns. */
function isLikely(from: readonly Row[], to: readonly Row[], up: number): boolean {
	let changed = 0;
	let moved = 0;
	for (const [row, line] of to.entries()) {
		if (from[row]?.equals(line)) {
			continue;
		}
		changed++;
		const source = from[row + up];
		if (source !== undefined && line.looksLike(source)) {
			moved++;
		}
	}
	return moved * 2 > changed;
}

/** What the client shows after `scroll` with the default background. */
export function scrolled(lines: readonly Row[], { top, bottom, up }: Scroll): readonly Row[] {
	const blank = blankRow((lines[0]?.cells.length ?? 0) / CELL_WORDS);
	return lines.map((line, row) => {
		if (row < top || row > bottom) {
			return line;
		}
		const source = row + up;
		return source < top || source > bottom ? blank : (lines[source] ?? blank);
	});
}

/** The distance by which most of the changed rows seem to have moved; 0 if none did. */
function likelyDistance(from: readonly Row[], to: readonly Row[]): number {
	const positions = new Map<number, number[]>();
	for (const [row, line] of from.entries()) {
		const known = positions.get(line.hash);
		if (known === undefined) {
			positions.set(line.hash, [row]);
		} else {
			known.push(row);
		}
	}
	const votes = new Map<number, number>();
	let best = 0;
	for (const [row, line] of to.entries()) {
		if (from[row]?.equals(line)) {
			continue;
		}
		const sources = positions.get(line.hash) ?? [];
		if (sources.length > MAX_REPEATS) {
			continue;
		}
		for (const source of sources) {
			const up = source - row;
			const count = (votes.get(up) ?? 0) + 1;
			votes.set(up, count);
			if (count > (votes.get(best) ?? 0)) {
				best = up;
			}
		}
	}
	return best;
}

/** The region around the run of moved rows with the largest gain, if any has one. */
function bestRegion(from: readonly Row[], to: readonly Row[], up: number): Scroll | undefined {
	const distance = Math.abs(up);
	let best: Scroll | undefined;
	let bestGain = 0;
	for (let start = 0; start < to.length; ) {
		let end = start;
		let gain = 0;
		while (end < to.length && moved(end)) {
			if (!unchanged(end)) {
				gain++;
			}
			end++;
		}
		if (end > start) {
			// Rows vacated at the far side become blank: a loss if they were right.
			const vacated = up > 0 ? end : start - distance;
			for (let row = vacated; row < vacated + distance; row++) {
				if (unchanged(row)) {
					gain--;
				}
			}
			if (gain > bestGain) {
				bestGain = gain;
				best = up > 0 ? { top: start, bottom: end - 1 + up, up } : { top: start + up, bottom: end - 1, up };
			}
		}
		start = end + 1;
	}
	return best;

	function moved(row: number): boolean {
		const source = from[row + up];
		return source !== undefined && (to[row]?.looksLike(source) ?? false);
	}
	function unchanged(row: number): boolean {
		const line = from[row];
		return line !== undefined && (to[row]?.equals(line) ?? false);
	}
}
