/** The conditions of a rule in its order, and what it puts into sets between them: what stands behind that is asked after it. Pure. */

import type { Marks } from "./marks.js";
import type { Packet } from "./packet.js";
import { all, type Truth } from "./truth.js";

export type Condition = (packet: Packet) => Truth;
/** The marks of a datagram, with what has been put into sets. */
export type Marking = (packet: Packet) => Marks;
/** The same with one thing more. @param when whether the rule gets there */
export type Noting = (packet: Packet, when: Truth) => Marks;

export function allOf(conditions: readonly Condition[]): Condition {
	return (packet) => all(conditions.map((condition) => condition(packet)));
}

export class ConditionList {
	readonly #conditions: Condition[] = [];
	#notes: Marking | undefined;

	add(...conditions: readonly Condition[]): void {
		const before = this.#notes;
		this.#conditions.push(
			...(before === undefined
				? conditions
				: conditions.map(
						(condition): Condition =>
							(packet) =>
								condition({ ...packet, marks: before(packet) }),
					)),
		);
	}

	/** Something is put into a set here. */
	note(noting: Noting): void {
		const [reached, before] = [allOf(this.conditions), this.#notes];
		this.#notes = (packet) =>
			noting(before === undefined ? packet : { ...packet, marks: before(packet) }, reached(packet));
	}

	/** So far. */
	get conditions(): Condition[] {
		return [...this.#conditions];
	}

	/** Undefined where nothing is put into sets. */
	get notes(): Marking | undefined {
		return this.#notes;
	}
}
