/**
 * Imported before everything else: a guard runs for months and is busy for milliseconds, so V8 saves memory instead of time.
 * Set here because the self-contained package's one executable is the mosh-server's too, which wants the opposite; what works
 * only at the start (the launcher's options) is not worth a second one.
 */

import { setFlagsFromString } from "node:v8";

/** The first with a second optimising compiler. */
const MAGLEV_SINCE = 22;

// The compilers' own code and working memory are 4 MB, and what they compile is hardly ever run often enough to pay for it.
setFlagsFromString("--no-opt");
if (Number.parseInt(process.versions.node, 10) >= MAGLEV_SINCE) setFlagsFromString("--no-maglev");
// Collects early, and does not let the nursery grow to 16 MB.
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--semi-space-growth-factor=1");
