/** Reads the configuration. By default, the mosh-server that is installed with this program is trusted. */

import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Loaded, loadConfig } from "../config/load.js";
import { type Config, DEFAULTS } from "../config/schema.js";
import { ownScript } from "./own-command.js";

const SERVER = "mosh-server.cjs";

/** @throws ConfigError */
export function readConfig(file: string): Loaded {
	return loadConfig(file, { ...DEFAULTS, servers: { ...DEFAULTS.servers, scripts: companions() } });
}

/** Our mosh-server, if the same node runs it; see docs/trust.md for the limits of this form of trust. */
function companions(self = ownScript()): Config["servers"]["scripts"] {
	if (self === undefined || !existsSync(self)) {
		return [];
	}
	const script = join(dirname(realpathSync(self)), SERVER);
	return existsSync(script) ? [{ interpreter: process.execPath, script }] : [];
}
