/** Random numbers that a seed repeats (mulberry32). */

export type Random = () => number;

/** Numbers from 0 up to but not including 1. */
export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

/** An integer from `low` to `high`, both included. */
export function integer(random: Random, low: number, high: number): number {
	return low + Math.floor(random() * (high - low + 1));
}

export function randomBytes(random: Random, length: number): Uint8Array {
	return Uint8Array.from({ length }, () => integer(random, 0, 255));
}
