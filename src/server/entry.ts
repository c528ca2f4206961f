/**
 * The entry point of dist/mosh-server.cjs. The other files of the server lie beside it: the small package and a checkout pass
 * its path to Node, the single executable finds it beside /proc/self/exe (packaging/program/single.ts). `__filename` is the
 * real path of the file that was loaded; argv cannot be trusted, since any caller may put another program's path there.
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { main } from "./main.js";

void main(process.argv.slice(2), {
	loadSession: () => createRequire(__filename)("./session.cjs"),
	loadCommands: () => createRequire(__filename)("./commands.cjs"),
	ptyModule: join(dirname(__filename), "pty.node"),
	trimModule: join(dirname(__filename), "trim.node"),
	boundary: join(dirname(__filename), "boundary"),
});
