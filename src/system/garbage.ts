/** Has V8 collect garbage at once, where more has been made than will be for long: left alone, it may keep the space for minutes. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * All of it; takes some 10 ms. Options on the command line instead would keep Node from using the compiled code that it brings, which
 * takes 11 ms of a start.
 */
export function collectGarbage(): void {
	setFlagsFromString("--expose-gc");
	const gc: unknown = runInNewContext("gc");
	if (typeof gc === "function") {
		// What is new and in use is moved away first, or the space for new objects would stay as large as that.
		gc({ type: "minor" });
		gc();
	}
}
