/**
 * Makes dist/: one bundle of the server, a startup snapshot of it, and what the launcher needs to know.
 * The snapshot fits only the node that made it; with any other the launcher falls back to the bundle.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** V8 checks that a snapshot is run with the flags it was made with, so they are kept in one place. */
const NODE_FLAGS = [];

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const bundle = join(dist, "mosh-server.cjs");
const snapshot = join(dist, "mosh-server.blob");

mkdirSync(dist, { recursive: true });
await build({
	entryPoints: [join(root, "src/server/entry.ts")],
	outfile: bundle,
	bundle: true,
	platform: "node",
	target: "node20",
	format: "cjs",
	minify: true,
	keepNames: false,
	legalComments: "none",
	define: { PACKAGE_VERSION: JSON.stringify(version) },
});

const nodePty = dirname(createRequire(import.meta.url).resolve("node-pty/package.json"));
copyFileSync(join(nodePty, "build/Release/pty.node"), join(dist, "pty.node"));

rmSync(snapshot, { force: true });
try {
	// NODE_NO_WARNINGS: node 20 warns of every builtin it has not itself tried in a snapshot.
	execFileSync(process.execPath, [...NODE_FLAGS, "--snapshot-blob", snapshot, "--build-snapshot", bundle], {
		stdio: ["ignore", "inherit", "inherit"],
		env: { ...process.env, NODE_NO_WARNINGS: "1" },
	});
} catch (error) {
	console.error(`no startup snapshot (${error.message}); the server will start more slowly`);
}
writeFileSync(join(dist, "launch"), `${process.execPath}\n${NODE_FLAGS.join(" ")}\n`);
