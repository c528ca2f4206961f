/**
 * One executable that is Node and our programs' code in a startup snapshot.
 * The same input gives the same bytes: V8 is told its random seed and not to use threads. Node's process id and its paths get
 * into the snapshot, hence namespaces of its own, where it is always the same process in the same place.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "postject";

/** What Node looks for in itself (nodejs.org/api/single-executable-applications.html). */
const RESOURCE = "NODE_SEA_BLOB";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** An empty folder of every Linux, over which the working folder is mounted. */
const PLACE = "/mnt";

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
		useSnapshot: true,
		disableExperimentalSEAWarning: true,
		// Neither NODE_OPTIONS nor an option on the command line reaches Node: it may run as root for others.
		execArgvExtension: "none",
	};
	copyFileSync(script, join(folder, config.main));
	writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
	copyFileSync(node, join(folder, "node"));
	const privileges = process.geteuid?.() === 0 ? [] : ["--user", "--map-root-user"];
	const build = `mount --bind "$1" ${PLACE} && cd ${PLACE} && exec env -i NODE_NO_WARNINGS=1 \
		./node --random-seed=1 --predictable --experimental-sea-config sea.json`;
	const namespace = [...privileges, "--mount", "--pid", "--fork", "--propagation", "private"];
	execFileSync("unshare", [...namespace, "sh", "-c", build, "sh", folder], {
		stdio: ["ignore", "ignore", "inherit"],
	});
	// Before the injection, which strip would undo.
	copyFileSync(node, output);
	chmodSync(output, 0o755);
	execFileSync("strip", [output]);
	await inject(output, RESOURCE, readFileSync(join(folder, config.output)), { sentinelFuse: FUSE });
}
