/**
 * Width of a code point, by wcwidth() and never by grapheme cluster, as in the client's emulator (protocol §5.5), and
 * whether another C library might disagree.
 */
import { AGREED_RANGES } from "./agreed-widths.js";
import { WIDTH_RUNS } from "./width-table.js";

const CODE_POINTS = 0x110000;
const BLOCK_SHIFT = 8;
const BLOCK_SIZE = 1 << BLOCK_SHIFT;
const UNPRINTABLE = 3;
/** Added in the table, and as a flag here: a character newer than the C library the table is of. */
const NEWER = 4;
const AGREED = 8;

/** Two-stage table: most of the 4352 blocks are uniform and shared, which keeps it below 100 kB. */
const blocks = buildBlocks();

/** Columns of `codePoint`: 0 (combines), 1 or 2; -1 when there is no such character. */
export function codePointWidth(codePoint: number): -1 | 0 | 1 | 2 {
	const width = classOf(codePoint) & UNPRINTABLE;
	return width === UNPRINTABLE ? -1 : (width as 0 | 1 | 2);
}

/** True when a client's C library may assign `codePoint` a different width. */
export function hasAmbiguousWidth(codePoint: number): boolean {
	return (classOf(codePoint) & AGREED) === 0;
}

/** True when a client's C library may be too old to know `codePoint`. Its client then does not print it. */
export function isNewCharacter(codePoint: number): boolean {
	return (classOf(codePoint) & NEWER) !== 0;
}

function classOf(codePoint: number): number {
	return blocks[codePoint >> BLOCK_SHIFT]?.[codePoint & (BLOCK_SIZE - 1)] ?? UNPRINTABLE;
}

function buildBlocks(): readonly Uint8Array[] {
	const classes = new Uint8Array(CODE_POINTS);
	/** Blocks within which a range starts or ends. */
	const mixed = new Set<number>();
	const mark = (boundary: number): void => {
		if (boundary % BLOCK_SIZE !== 0) {
			mixed.add(boundary >> BLOCK_SHIFT);
		}
	};
	let start = 0;
	for (const run of WIDTH_RUNS.split(" ")) {
		const end = start + Number.parseInt(run.slice(0, -1), 36);
		classes.fill(Number(run.slice(-1)), start, end);
		mark(end);
		start = end;
	}
	for (const [first, last] of AGREED_RANGES) {
		for (let codePoint = first; codePoint <= last; codePoint++) {
			const known = classes[codePoint] ?? UNPRINTABLE;
			// New characters are added within old ranges, too.
			classes[codePoint] = known & NEWER ? known : known | AGREED;
		}
		mark(first);
		mark(last + 1);
	}
	const uniform = Array.from({ length: 2 * AGREED }, (_, value) => new Uint8Array(BLOCK_SIZE).fill(value));
	return Array.from({ length: CODE_POINTS >> BLOCK_SHIFT }, (_, index) => {
		const from = index << BLOCK_SHIFT;
		const shared = mixed.has(index) ? undefined : uniform[classes[from] ?? UNPRINTABLE];
		return shared ?? classes.slice(from, from + BLOCK_SIZE);
	});
}
