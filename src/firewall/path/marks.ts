/**
 * The marks that rules give a datagram and its connection for other rules to see, bit by bit, as far as they are known. Pure.
 * Marks that queueing disciplines and BPF programs give a datagram before any rule sees it are not read.
 */

import { eitherNoted, type Noted } from "./noted.js";
import type { Truth } from "./truth.js";

/** 32 bits, unsigned. Where `known` has none, `value` has none either. */
export interface Bits {
	readonly value: number;
	readonly known: number;
}

export interface Marks {
	readonly packet: Bits;
	/** Of the connection. */
	readonly connection: Bits;
	/** What they have put into sets; undefined for nothing. */
	readonly noted?: Noted | undefined;
}

const ALL = 0xffff_ffff;

export const UNKNOWN_BITS: Bits = { value: 0, known: 0 };
export const NO_MARK: Bits = { value: 0, known: ALL };
export const UNKNOWN_MARKS: Marks = { packet: UNKNOWN_BITS, connection: UNKNOWN_BITS };

export function bits(value: number): Bits {
	return { value: value >>> 0, known: ALL };
}

function some(value: number, known: number): Bits {
	return { value: (value & known) >>> 0, known: known >>> 0 };
}

/** A zero on either side is a zero, whatever the other is. */
export function and(a: Bits, b: Bits): Bits {
	return some(a.value & b.value, (a.known & b.known) | (a.known & ~a.value) | (b.known & ~b.value));
}

export function or(a: Bits, b: Bits): Bits {
	return some(a.value | b.value, (a.known & b.known) | a.value | b.value);
}

export function xor(a: Bits, b: Bits): Bits {
	return some(a.value ^ b.value, a.known & b.known);
}

/** What is known of one that may be either. */
export function either(a: Bits, b: Bits): Bits {
	return some(a.value, a.known & b.known & ~(a.value ^ b.value));
}

export function eitherMarks(a: Marks, b: Marks): Marks {
	if (a === b) {
		return a;
	}
	const noted = eitherNoted(a.noted, b.noted);
	return {
		packet: either(a.packet, b.packet),
		connection: either(a.connection, b.connection),
		...(noted && { noted }),
	};
}

/** The same where a rule that is not understood may have set any. */
export function unknownMarks({ noted }: Marks = UNKNOWN_MARKS): Marks {
	return noted === undefined ? UNKNOWN_MARKS : { ...UNKNOWN_MARKS, noted };
}

/** Whether those bits of `mask` are those of `value`. */
export function isMark({ value, known }: Bits, wanted: number, mask = ALL): Truth {
	const differs = (value ^ wanted) & mask & known;
	if (differs !== 0 || (wanted & ~mask) !== 0) {
		return false;
	}
	return (mask & ~known) === 0 ? true : "general";
}
