/**
 * The built server as it is shipped, except that it expects a guard in a folder of the test's own: on a host that has the
 * product installed, tests must neither depend on its guard nor report their ports to it.
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratchFolder } from "./scratch.js";

const checkout = join(dirname(fileURLToPath(import.meta.url)), "../..");
const COPIED = [
	"bin/mosh-server",
	"dist/node-path",
	"dist/pty.node",
	"dist/trim.node",
	"dist/boundary",
	"dist/xterm.cjs",
];
const RELOCATED = ["dist/mosh-server.cjs", "dist/ssp.cjs", "dist/session.cjs", "dist/commands.cjs"];
/** Where a guard leaves its traces. Replaced in the bundles, since nothing a user can set may move them. */
const HOST_FOLDERS = ["/run/mosh-portguard", "/etc/mosh-portguard"];

let program: string | undefined;

/** Path of the launcher. The copy is made once and removed when the test's process ends. */
export function relocatedServer(): string {
	program ??= relocate(scratchFolder());
	return program;
}

function relocate(folder: string): string {
	ensureBuilt();
	for (const name of ["bin", "dist"]) {
		mkdirSync(join(folder, name));
	}
	for (const file of COPIED) {
		copyFileSync(join(checkout, file), join(folder, file));
	}
	const found = new Set<string>();
	for (const file of RELOCATED) {
		let bundle = readFileSync(join(checkout, file), "utf8");
		for (const hostFolder of HOST_FOLDERS) {
			if (bundle.includes(hostFolder)) {
				found.add(hostFolder);
			}
			bundle = bundle.replaceAll(hostFolder, folder + hostFolder);
		}
		writeFileSync(join(folder, file), bundle);
	}
	if (found.size < HOST_FOLDERS.length) {
		throw new Error(`the server no longer looks in ${HOST_FOLDERS}, but only in ${[...found]}`);
	}
	return join(folder, "bin/mosh-server");
}

/** Builds dist/ unless that has been done. */
export function ensureBuilt(): void {
	if (existsSync(join(checkout, "dist/node-path"))) {
		return;
	}
	const words = [join(checkout, "scripts/build.js")];
	const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
	if (status !== 0) {
		throw new Error(`build failed: ${stderr}`);
	}
}
