/** One executable that is Node and a script of ours, and runs nothing else. The same input gives the same bytes. */

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inject } from "postject";

/** What Node looks for in itself (nodejs.org/api/single-executable-applications.html). */
const RESOURCE = "NODE_SEA_BLOB";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * What is injected. It is the same for every architecture: the script as text, neither compiled code nor a snapshot.
 * @param node of the version that it is injected into; it is run
 * @param script its folder is where the rest is made
 */
export function makeBlob(node: string, script: string): Buffer {
	const folder = dirname(script);
	const config = {
		main: basename(script),
		output: "sea.blob",
		disableExperimentalSEAWarning: true,
		useCodeCache: false,
		useSnapshot: false,
		// Neither NODE_OPTIONS nor an option on the command line reaches Node: it may run as root for others.
		execArgvExtension: "none",
		// SIGUSR1 opens no inspector; and were one opened, no kernel lets a stream socket be bound at a multicast address. The last is
		// for sessions, as in bin/mosh-server.
		execArgv: ["--disable-sigusr1", "--inspect-port=[ff02::1]:9229", "--v8-pool-size=1"],
	};
	writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
	execFileSync(node, ["--experimental-sea-config", "sea.json"], {
		cwd: folder,
		env: { NODE_NO_WARNINGS: "1" },
		stdio: ["ignore", "ignore", "inherit"],
	});
	return readFileSync(join(folder, config.output));
}

/**
 * @param node is not run: it may be another machine's
 * @param strip of the architecture that `node` is for
 */
export async function makeSingleExecutable(
	node: string,
	blob: Buffer,
	output: string,
	strip: string,
): Promise<void> {
	// Before the injection, which strip would undo.
	copyFileSync(node, output);
	chmodSync(output, 0o755);
	execFileSync(strip, [output]);
	await inject(output, RESOURCE, blob, { sentinelFuse: FUSE });
}
