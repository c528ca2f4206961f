/**
 * An address that no rule names, as a walk supposes it: every range that a rule compares it with is another's. It keeps what it was
 * supposed to be outside of, since rules that name all ranges together leave no such address. Pure.
 */

import { SocketAddress } from "node:net";
import type { Family } from "../../system/addresses.js";

/** Both ends included. */
type Range = readonly [first: bigint, last: bigint];

/** A named set whose elements have not been read. */
export interface SupposedSet {
	/** Whether a known address is in it; undefined where that cannot be known yet, or at all. */
	readonly has: (address: string) => boolean | undefined;
	/** Has its elements read by the next walk. */
	readonly list: () => void;
}

const WIDTH: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

function range(family: Family, prefix: bigint, length: number): Range {
	const rest = BigInt(WIDTH[family] - length);
	const first = prefix << rest;
	return [first, first + (1n << rest) - 1n];
}

/**
 * Where clients are: unicast addresses of the internet (RFC 6890; RFC 4291, 2.4), and those of private networks, which an
 * administrator may mean by rules for "all" or not.
 */
const SPACES: Readonly<Record<Family, readonly (readonly Range[])[]>> = {
	ipv4: [
		[
			[0x0100_0000n, 0x09ff_ffffn],
			[0x0b00_0000n, 0x643f_ffffn],
			[0x6480_0000n, 0x7eff_ffffn],
			[0x8000_0000n, 0xa9fd_ffffn],
			[0xa9ff_0000n, 0xac0f_ffffn],
			[0xac20_0000n, 0xc0a7_ffffn],
			[0xc0a9_0000n, 0xdfff_ffffn],
		],
		[
			range("ipv4", 0x0an, 8),
			range("ipv4", 0x6440n >> 6n, 10),
			range("ipv4", 0xac1n, 12),
			range("ipv4", 0xc0a8n, 16),
		],
	],
	ipv6: [[range("ipv6", 1n, 3)], [range("ipv6", 0xfcn >> 1n, 7)]],
};

export class Stranger {
	readonly family: Family;
	readonly #named: Range[] = [];
	/** How many addresses the ranges have at most; a number of that size need not be exact. */
	#size = 0;
	readonly #sets = new Map<string, SupposedSet>();

	constructor(family: Family) {
		this.family = family;
	}

	/** It is supposed to be outside of these; both ends included. */
	isNotBetween(first: bigint, last: bigint): void {
		this.#named.push([first, last]);
		this.#size += Number(last - first) + 1;
	}

	/** It is supposed to be reached by the interface that it comes in by. */
	comesBack = false;

	/** @param name tells sets apart */
	isNotIn(name: string, set: SupposedSet): void {
		this.#sets.set(name, set);
	}

	get sets(): readonly SupposedSet[] {
		return [...this.#sets.values()];
	}

	/** Whether the ranges may leave no address of the internet: they are too small for it as a rule. */
	get isDoubtful(): boolean {
		const space = SPACES[this.family][0] ?? [];
		return this.#sets.size > 0 || this.#size >= sizeOf(space) * 0.99;
	}

	/**
	 * Addresses of the internet that are in none of the ranges, of different places, the same at each call.
	 * @param most 1 or more
	 */
	unnamed(most: number): string[] {
		return this.#pick(gaps(SPACES[this.family][0] ?? [], this.#merged()), most);
	}

	/** Addresses for the largest parts into which the ranges divide all that clients may have. */
	typical(most: number): string[] {
		const ends = this.#named.flatMap(([first, last]) => [first, last + 1n]);
		const [space = [], privately = []] = SPACES[this.family];
		const parts = [...new Set([...ends, ...space.flatMap(([first, last]) => [first, last + 1n])])]
			.sort((a, b) => (a < b ? -1 : 1))
			.map((end, at, all): Range => [end, (all[at + 1] ?? end) - 1n])
			.filter(([first, last]) => space.some(([low, high]) => low <= first && last <= high));
		const widest = parts.sort((a, b) => (b[1] - b[0] > a[1] - a[0] ? 1 : -1)).slice(0, most);
		const left = gaps(privately, this.#merged());
		return [...widest.flatMap((part) => this.#pick([part], 1)), ...this.#pick(left, 1)];
	}

	#merged(): Range[] {
		const merged: [bigint, bigint][] = [];
		for (const [first, last] of [...this.#named].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
			const before = merged.at(-1);
			if (before !== undefined && first <= before[1] + 1n) {
				before[1] = last > before[1] ? last : before[1];
			} else {
				merged.push([first, last]);
			}
		}
		return merged;
	}

	/** Spread over the ranges, and off their ends and middles, where networks begin. */
	#pick(ranges: readonly Range[], most: number): string[] {
		const size = ranges.reduce((sum, [first, last]) => sum + last - first + 1n, 0n);
		const picked = new Set<string>();
		for (let index = 0; index < most && size > 0n; index += 1) {
			let at = ((size * BigInt(index * 997 + 381)) / BigInt(most * 997)) % size;
			for (const [first, last] of ranges) {
				const length = last - first + 1n;
				if (at < length) {
					picked.add(textOf(this.family, first + at));
					break;
				}
				at -= length;
			}
		}
		return [...picked];
	}
}

function sizeOf(ranges: readonly Range[]): number {
	return ranges.reduce((sum, [first, last]) => sum + Number(last - first) + 1, 0);
}

/** What `taken`, in order, leaves of the ranges. */
function gaps(ranges: readonly Range[], taken: readonly Range[]): Range[] {
	return ranges.flatMap(([first, last]) => {
		const left: Range[] = [];
		let at = first;
		for (const [from, to] of taken) {
			if (to < at || from > last) {
				continue;
			}
			if (from > at) {
				left.push([at, from - 1n]);
			}
			at = to + 1n;
		}
		if (at <= last) {
			left.push([at, last]);
		}
		return left;
	});
}

function textOf(family: Family, bits: bigint): string {
	if (family === "ipv4") {
		return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join(".");
	}
	const groups = Array.from({ length: 8 }, (_, at) =>
		((bits >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
	);
	return new SocketAddress({ family, address: groups.join(":") }).address;
}
