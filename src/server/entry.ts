/**
 * First code of dist/mosh-server.cjs. What else is loaded lies beside that file: in the small package and a checkout node was
 * told of it, in the single executable it is found beside /proc/self/exe (packaging/program/single.ts). `__filename` is the
 * real path of what was loaded. The words of the command line tell nothing: any caller may write another program's path there.
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { main } from "./main.js";

void main(process.argv.slice(2), {
	loadSession: () => createRequire(__filename)("./session.cjs"),
	ptyModule: join(dirname(__filename), "pty.node"),
	boundary: join(dirname(__filename), "boundary"),
});
