/**
 * What the single executable runs. It is installed under two names (one file, two links), and loads the program of its name
 * that lies beside it. Never anything else: in particular it is no general Node that would run a user's script under a name
 * the guard trusts.
 */

import { createRequire } from "node:module";
import { basename } from "node:path";

const { execPath } = process;
createRequire(execPath)(`./${basename(execPath)}.cjs`);
