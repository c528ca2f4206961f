/** Makes the fragments of an instruction, and returns the same ones when it is repeated unchanged. */

import { compress } from "./compression.js";
import { type Fragment, Fragmenter } from "./fragment.js";
import { encodeInstruction, type Instruction } from "./instruction.js";

export class FragmentCache {
	readonly #fragmenter = new Fragmenter();
	#last: { instruction: Instruction; maxPayload: number; fragments: Fragment[] } | undefined;

	/**
	 * Fragments of at most `maxPayload` bytes. A long instruction keeps its id when it is sent again, so that the peer
	 * can fill the gaps in what it has: of 30 fragments one is nearly always lost, and with a new id all 30 would have
	 * to arrive.
	 */
	get(instruction: Instruction, maxPayload: number): readonly Fragment[] {
		const last = this.#last;
		if (last?.maxPayload === maxPayload && isSame(last.instruction, instruction)) {
			return last.fragments;
		}
		const fragments = this.#fragmenter.cut(compress(encodeInstruction(instruction)), maxPayload);
		this.#last = fragments.length > 1 ? { instruction, maxPayload, fragments } : undefined;
		return fragments;
	}
}

function isSame(a: Instruction, b: Instruction): boolean {
	return (
		a.newNumber === b.newNumber &&
		a.oldNumber === b.oldNumber &&
		a.ack === b.ack &&
		a.throwaway === b.throwaway &&
		Buffer.compare(a.diff, b.diff) === 0
	);
}
