/**
 * How much V8 compiles for a session. By default it puts so much of what xterm.js's parser calls into one function that
 * compiling it anew, for each kind of sequence that it has not seen before, took a third of the time for varied output of
 * 1 MB. Output of one kind is no slower with less (10 MB of text measured), nor is encryption.
 */

import { setFlagsFromString } from "node:v8";

/** In bytes of bytecode that may be compiled into one function; V8's default is 920. */
setFlagsFromString("--max-inlined-bytecode-size-cumulative=200");
