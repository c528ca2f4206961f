/** Gives memory back that a session has needed and what follows it does not. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects all garbage at once: nothing else would, in a process that hardly does anything any more. */
export function releaseMemory(): void {
	setFlagsFromString("--expose-gc");
	const collect: unknown = runInNewContext("gc");
	if (typeof collect === "function") {
		collect();
	}
}
