/** Makes dist/: the server in two bundles, the guard in one, node-pty's native part, and what the launcher needs to know. */

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

mkdirSync(dist, { recursive: true });
// Not the packages, which `npm run package` puts there too.
for (const name of readdirSync(dist)) {
	if (/\.([cm]?js|node)$/.test(name)) {
		rmSync(join(dist, name));
	}
}
const options = { bundle: true, platform: "node", target: "node20", minify: true, legalComments: "none" };
await build({
	...options,
	// Two, not one: the first is all it takes to announce a server, and loads in a fraction of the time.
	entryPoints: {
		"mosh-server": join(root, "src/server/entry.ts"),
		session: join(root, "src/server/serve.ts"),
	},
	outdir: dist,
	outExtension: { ".js": ".cjs" },
	format: "cjs",
	define: { PACKAGE_VERSION: JSON.stringify(version) },
});
// A file of its own: the guard, which is the same program as the doctor, neither reads nor keeps it.
await build({
	...options,
	entryPoints: [createRequire(import.meta.url).resolve("systeminformation")],
	outfile: join(dist, "systeminformation.cjs"),
	format: "cjs",
});
await build({
	...options,
	entryPoints: [join(root, "src/cli/main.ts")],
	outfile: join(dist, "mosh-portguard.mjs"),
	format: "esm",
	alias: { systeminformation: "./systeminformation.cjs" },
	external: ["./systeminformation.cjs"],
	define: { PACKAGE_VERSION: JSON.stringify(version) },
	// Some of the packages are CommonJS and ask for Node's own modules.
	banner: {
		js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
	},
});

// The helper that neither a shell nor Node can replace.
execFileSync(join(root, "native/build.sh"), [join(dist, "boundary")], { stdio: "inherit" });

const nodePty = dirname(createRequire(import.meta.url).resolve("node-pty/package.json"));
copyFileSync(join(nodePty, "build/Release/pty.node"), join(dist, "pty.node"));
// The launcher may find another node in PATH, or none: ssh's PATH is short. And which option keeps this one's inspector shut.
const never = process.allowedNodeEnvironmentFlags.has("--disable-sigusr1") ? "--disable-sigusr1" : "";
writeFileSync(join(dist, "node-path"), `${process.execPath}\n${never}\n`);
