/**
 * When V8 compiles for a session. By default it optimises a function so early that it does so again and again, for each kind of
 * sequence that the emulator had not seen by then: half the CPU time of 1 MB of varied output.
 */

import { setFlagsFromString } from "node:v8";

/** Bytes of bytecode that a function runs between two looks at whether to optimise it: four times the default of Node 20. */
setFlagsFromString("--interrupt-budget=270000");

/**
 * From now on what is called often is compiled without being optimised, as V8 does by default. Called at the first key or much output:
 * the launcher has V8 begin without, since what only the start of a session calls takes 0.4 MiB compiled.
 */
export function compileBaseline(): void {
	setFlagsFromString("--sparkplug");
}
