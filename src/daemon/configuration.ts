/** The configuration as the commands see it: unless a file says otherwise, the mosh-server installed beside them counts. */

import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Loaded, loadConfig } from "../config/load.js";
import { type Config, DEFAULTS } from "../config/schema.js";
import { ownScript } from "./own-command.js";

const SERVER = "mosh-server.cjs";

/** Throws ConfigError. */
export function readConfig(file: string): Loaded {
	return loadConfig(file, { ...DEFAULTS, servers: { ...DEFAULTS.servers, scripts: companions() } });
}

/** Ours, where the same node runs it: docs/trust.md says what this form bounds. */
function companions(self = ownScript()): Config["servers"]["scripts"] {
	if (self === undefined || !existsSync(self)) return [];
	const script = join(dirname(realpathSync(self)), SERVER);
	return existsSync(script) ? [{ interpreter: process.execPath, script }] : [];
}
