/**
 * When V8 compiles for a session. By default it optimises a function so early that it does so again and again, for each kind of
 * sequence that the emulator had not seen by then: half the processor time of 1 MB of varied output.
 */

import { setFlagsFromString } from "node:v8";

/** Bytes of bytecode that a function runs between two looks at whether to optimise it: four times the default of Node 20. */
const FLOOD_BUDGET = 270_000;
/** The same until there is a flood: optimising took a quarter of the processor time of the first long listing, and came too late for it. */
const LISTING_BUDGET = 4 * FLOOD_BUDGET;
/** What a program has written (bytes) when it is no listing any more. */
const FLOOD_BYTES = 256 << 10;

export class Compiler {
	#written = 0;

	constructor() {
		setBudget(LISTING_BUDGET);
	}

	/**
	 * From now on what is called often is compiled without being optimised, as V8 does by default. Called at the first key or much output:
	 * what only the start of a session calls takes 0.4 MiB compiled (`tune`).
	 */
	baseline(): void {
		setFlagsFromString("--sparkplug");
	}

	/** The program has written so many bytes. */
	output(bytes: number): void {
		if (this.#written >= FLOOD_BYTES) {
			return;
		}
		this.#written += bytes;
		if (this.#written >= FLOOD_BYTES) {
			setBudget(FLOOD_BUDGET);
		}
	}
}

function setBudget(bytecodeBytes: number): void {
	setFlagsFromString(`--interrupt-budget=${bytecodeBytes}`);
}
