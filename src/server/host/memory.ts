/** Gives memory back that a session has needed and what follows it does not. */

import * as v8 from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects all garbage at once: nothing else would, in a process that hardly does anything any more. Then it has V8 count objects of
 * a kind that there is none of. Before it counts, V8 gives back what it can, such as the space for new objects, which a collection
 * leaves as large as it was. Counted at once, the garbage would make the count itself take more. Node before 20.13 cannot count.
 */
export function releaseMemory(): void {
	v8.setFlagsFromString("--expose-gc");
	const collect: unknown = runInNewContext("gc");
	if (typeof collect === "function") {
		collect();
	}
	if (typeof v8.queryObjects === "function") {
		// That counting is experimental is of no interest to who reads the lines of -v.
		process.removeAllListeners("warning");
		v8.queryObjects(Nobody, { format: "count" });
	}
}

class Nobody {}
