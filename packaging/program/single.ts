/**
 * What the single executable runs. It is installed under two names (one file, two links): as `mosh-server` it is the server,
 * woken from its snapshot; as `mosh-portguard` it loads the command that lies beside it. Never anything else: in particular it
 * is no general Node that would run a user's script under a name the guard trusts.
 */

import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { startupSnapshot } from "node:v8";
import { main as server } from "../../src/server/main.js";

function main(): void {
	const { execPath } = process;
	if (basename(execPath) === "mosh-portguard") {
		createRequire(execPath)(join(dirname(execPath), "mosh-portguard.cjs"));
		return;
	}
	void server(process.argv, () => createRequire(execPath)(join(dirname(execPath), "session.cjs")));
}

startupSnapshot.setDeserializeMainFunction(main);
