/** Makes the fragments of an instruction, and the very same ones again when it is repeated unchanged. */
import { compress } from "./compression.js";
import { type Fragment, Fragmenter } from "./fragment.js";
import { encodeInstruction, type Instruction } from "./instruction.js";

export class Outgoing {
	readonly #fragmenter = new Fragmenter();
	#last: { instruction: Instruction; room: number; fragments: Fragment[] } | undefined;

	/**
	 * Fragments that fit `room`. A long instruction sent again keeps its id, so that the peer can fill the gaps
	 * of what it has: of 30 fragments one is lost nearly always, and anew all 30 would have to get through.
	 */
	fragments(instruction: Instruction, room: number): readonly Fragment[] {
		const last = this.#last;
		if (last?.room === room && isSame(last.instruction, instruction)) return last.fragments;
		const fragments = this.#fragmenter.cut(compress(encodeInstruction(instruction)), room);
		this.#last = fragments.length > 1 ? { instruction, room, fragments } : undefined;
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
