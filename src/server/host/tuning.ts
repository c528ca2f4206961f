/**
 * V8's options for a session: it is idle for most of its life, and there are many of them. They are not on the command line: with them
 * there, Node compiles its own modules instead of using them as compiled when it was built, which takes 10 to 15 ms of a start.
 */

import { setFlagsFromString } from "node:v8";

/** To be called when Node's modules have been loaded. What is compiled ahead for the time after it must be compiled after it. */
export function tune(): void {
	// What a flood leaves is collected after 1 MiB of it, not 16.
	setFlagsFromString("--semi-space-growth-factor=1");
	// `Compiler` takes this back.
	setFlagsFromString("--no-sparkplug");
}
