/**
 * The entry point of dist/mosh-server.cjs. The other files of the server lie beside it: the small package and a checkout pass
 * its path to Node, the single executable finds it beside /proc/self/exe (packaging/program/single.ts). `__filename` is the
 * real path of the file that was loaded; argv cannot be trusted, since any caller may put another program's path there.
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { compileAhead, loadCompiled } from "./host/code-cache.js";
import { tune } from "./host/tuning.js";
import { type Companions, main, type Serving } from "./main.js";

const folder = dirname(__filename);
const ssp = join(folder, "ssp.cjs");
const session = join(folder, "session.cjs");

// By the build and by the packages' scripts, not by the launcher, whose first word is a number.
if (process.argv[2] === "compile") {
	compileAhead(ssp);
	tune();
	compileAhead(session);
} else {
	let loaded: ReturnType<Companions["loadSsp"]> | undefined;
	void main(process.argv.slice(2), {
		loadSsp() {
			loaded ??= loadCompiled(ssp).run() as NonNullable<typeof loaded>;
			return loaded;
		},
		loadSession() {
			tune();
			const { run } = loadCompiled(session);
			return (loadedSsp) => run({ "/ssp/index.js": loadedSsp }) as Serving;
		},
		loadCommands: () => createRequire(__filename)("./commands.cjs"),
		ptyModule: join(folder, "pty.node"),
		trimModule: join(folder, "trim.node"),
		boundary: join(folder, "boundary"),
	});
}
