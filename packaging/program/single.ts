/**
 * What the single executable runs. It is installed under two names (one file, two links), and loads the program of its name
 * that lies beside it. Never anything else: in particular it is no general Node that would run a user's script under a name
 * the guard trusts.
 *
 * Where it lies is the kernel's word. `process.execPath` falls back on argv[0], the caller's word, where readlink(2) fails, and
 * a caller can have it fail (a seccomp filter). This ends instead.
 */

import { readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const executable = readlinkSync("/proc/self/exe");
createRequire(executable)(`./${basename(executable)}.cjs`);
