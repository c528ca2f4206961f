/** The programs as single files that need nothing but Node. */

import { join } from "node:path";
import { build } from "esbuild";
import { root, version } from "./project.js";

/** The oldest Node of a supported distribution: 18.19 (Ubuntu 24.04), 18.20 (Debian 12). */
const TARGET = "node18";

export async function bundle(entry: string, outfile: string): Promise<void> {
	await build({
		entryPoints: [join(root, entry)],
		outfile,
		bundle: true,
		platform: "node",
		target: TARGET,
		format: "cjs",
		minify: true,
		legalComments: "none",
		// Paths of the machine that builds must not get in.
		absWorkingDir: root,
		// In a file of its own, which only `doctor` loads.
		alias: { systeminformation: "./systeminformation.cjs" },
		// The last two are as in scripts/build.js.
		external: ["./systeminformation.cjs", "*/ssp/index.js", "@xterm/headless"],
		// As in scripts/build.js.
		define: { PACKAGE_VERSION: JSON.stringify(version), WebAssembly: "undefined" },
		logLevel: "warning",
	});
}
