/** One executable that is Node and a script of ours, and runs nothing else. The same input gives the same bytes. */

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "postject";

/** What Node looks for in itself (nodejs.org/api/single-executable-applications.html). */
const RESOURCE = "NODE_SEA_BLOB";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** @param folder for what is made on the way */
export async function makeSingleExecutable(
	node: string,
	script: string,
	output: string,
	folder: string,
): Promise<void> {
	const config = {
		main: "single.cjs",
		output: "sea.blob",
		disableExperimentalSEAWarning: true,
		// Neither NODE_OPTIONS nor an option on the command line reaches Node: it may run as root for others.
		execArgvExtension: "none",
		// SIGUSR1 opens no inspector; and were one opened, no kernel lets a stream socket be bound at a multicast address.
		execArgv: ["--disable-sigusr1", "--inspect-port=[ff02::1]:9229"],
	};
	copyFileSync(script, join(folder, config.main));
	writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
	execFileSync(node, ["--experimental-sea-config", "sea.json"], {
		cwd: folder,
		env: { NODE_NO_WARNINGS: "1" },
		stdio: ["ignore", "ignore", "inherit"],
	});
	// Before the injection, which strip would undo.
	copyFileSync(node, output);
	chmodSync(output, 0o755);
	execFileSync("strip", [output]);
	await inject(output, RESOURCE, readFileSync(join(folder, config.output)), { sentinelFuse: FUSE });
}
