/**
 * Tunes V8 for little memory rather than speed: a guard runs for months and is busy for milliseconds. Imported before everything
 * else. Set here because the executable of the self-contained package also runs mosh-server, which needs the opposite; flags that
 * work only on the command line do not justify a second executable.
 */

import { setFlagsFromString } from "node:v8";

/** The first Node version with a second optimising compiler. */
const MAGLEV_SINCE = 22;

// The optimising compilers take 4 MB of code and working memory, and compiled code rarely runs often enough to be worth it.
setFlagsFromString("--no-opt");
if (Number.parseInt(process.versions.node, 10) >= MAGLEV_SINCE) {
	setFlagsFromString("--no-maglev");
}
// Collect garbage early, and keep the young generation from growing to 16 MB.
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--semi-space-growth-factor=1");
