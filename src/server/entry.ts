/**
 * The entry point of dist/mosh-server.cjs. The other files of the server lie beside it: the small package and a checkout pass
 * its path to Node, the single executable finds it beside /proc/self/exe (packaging/program/single.ts). `__filename` is the
 * real path of the file that was loaded; argv cannot be trusted, since any caller may put another program's path there.
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Compiled, compileAhead, loadCompiled } from "./host/code-cache.js";
import { tune } from "./host/tuning.js";
import { type Companions, main, type Serving } from "./main.js";

const folder = dirname(__filename);
const ssp = join(folder, "ssp.cjs");
const xterm = join(folder, "xterm.cjs");
const session = join(folder, "session.cjs");

let loadedSsp: ReturnType<Companions["loadSsp"]> | undefined;

function loadSsp(): NonNullable<typeof loadedSsp> {
	loadedSsp ??= loadCompiled(ssp).run() as NonNullable<typeof loadedSsp>;
	return loadedSsp;
}

function* loadSession(): Generator<void, Serving> {
	tune();
	const emulator = loadCompiled(xterm);
	yield;
	const headless = emulator.run();
	yield;
	const compiled = loadCompiled(session);
	yield;
	return runSession(compiled, headless);
}

function runSession({ run }: Compiled, headless: unknown): Serving {
	return run({ "/ssp/index.js": loadSsp(), "@xterm/headless": headless }) as Serving;
}

// By the build and by the packages' scripts, not by the launcher, whose first word is a number.
if (process.argv[2] === "compile") {
	compileAhead(ssp);
	tune();
	compileAhead(session);
	compileAhead(xterm, (headless) => runSession(loadCompiled(session), headless).rehearse());
} else {
	void main(process.argv.slice(2), {
		loadSsp,
		loadSession,
		loadCommands: () => createRequire(__filename)("./commands.cjs"),
		ptyModule: join(folder, "pty.node"),
		trimModule: join(folder, "trim.node"),
		boundary: join(folder, "boundary"),
	});
}
