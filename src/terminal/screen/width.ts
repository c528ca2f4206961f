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

const ASCII_FIRST = 0x20;
const ASCII_END = 0x7f;

/**
 * Of 256 code points each, made when one of them is first asked for: most sessions need a few of the 4352, and making all takes
 * several milliseconds of a start. Those that are uniform are shared, which keeps all of them below 100 kB.
 */
const blocks = new Array<Uint8Array | undefined>(CODE_POINTS >> BLOCK_SHIFT);
const uniform: Uint8Array[] = [];
/** Where runs begin, and their classes; made when a block is. */
let runs: { readonly starts: readonly number[]; readonly classes: readonly number[] } | undefined;

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
	if (codePoint >= ASCII_FIRST && codePoint < ASCII_END) {
		return 1 | AGREED;
	}
	if (codePoint >>> 0 >= CODE_POINTS) {
		return UNPRINTABLE;
	}
	const index = codePoint >> BLOCK_SHIFT;
	let block = blocks[index];
	if (block === undefined) {
		block = makeBlock(index);
		blocks[index] = block;
	}
	return block[codePoint & (BLOCK_SIZE - 1)] as number;
}

function makeBlock(index: number): Uint8Array {
	const block = new Uint8Array(BLOCK_SIZE);
	const first = index << BLOCK_SHIFT;
	const end = first + BLOCK_SIZE;
	runs ??= readRuns();
	const { starts, classes } = runs;
	for (let run = 0; run < classes.length; run++) {
		const [from, to] = [starts[run] as number, starts[run + 1] as number];
		if (from < end && to > first) {
			block.fill(classes[run] as number, Math.max(0, from - first), to - first);
		}
	}
	for (const [from, last] of AGREED_RANGES) {
		for (let at = Math.max(0, from - first); at <= Math.min(BLOCK_SIZE - 1, last - first); at++) {
			const known = block[at] as number;
			// New characters are added within old ranges, too.
			block[at] = known & NEWER ? known : known | AGREED;
		}
	}
	const [value = 0] = block;
	if (block.some((each) => each !== value)) {
		return block;
	}
	uniform[value] ??= block;
	return uniform[value];
}

function readRuns(): NonNullable<typeof runs> {
	const starts = [0];
	const classes: number[] = [];
	for (const run of WIDTH_RUNS.split(" ")) {
		starts.push((starts.at(-1) as number) + Number.parseInt(run.slice(0, -1), 36));
		classes.push(Number(run.slice(-1)));
	}
	return { starts, classes };
}
