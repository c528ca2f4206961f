/** Makes dist/, or the folder that is given: the server in five bundles, the guard in parts, node-pty's native part, and what the launcher needs to know. */

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = resolve(process.argv[2] ?? join(root, "dist"));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

mkdirSync(dist, { recursive: true });
// Not the packages, which `npm run package` puts there too.
for (const name of readdirSync(dist)) {
	if (/\.([cm]?js|node|cache)$/.test(name)) {
		rmSync(join(dist, name));
	}
}
const options = {
	bundle: true,
	platform: "node",
	target: "node20",
	minify: true,
	legalComments: "none",
	// The package `long` would compile a module for divisions that nobody needs: 0.75 MiB of a process that has just loaded it.
	define: { PACKAGE_VERSION: JSON.stringify(version), WebAssembly: "undefined" },
};
await build({
	...options,
	// Not one: the first is all it takes to announce a server, the second to answer its client; and between two of them it is answered.
	entryPoints: {
		"mosh-server": join(root, "src/server/entry.ts"),
		ssp: join(root, "src/ssp/index.ts"),
		xterm: "@xterm/headless",
		session: join(root, "src/server/serve.ts"),
		commands: join(root, "src/server/commands.ts"),
	},
	outdir: dist,
	outExtension: { ".js": ".cjs" },
	format: "cjs",
	// Loaded before the session: src/server/entry.ts.
	external: ["*/ssp/index.js", "@xterm/headless"],
});
// In parts, of which a command loads what it needs: reading all of it took longer than most commands do. The guard, the same
// program as the doctor, neither reads nor keeps systeminformation.
await build({
	...options,
	entryPoints: { "mosh-portguard": join(root, "src/cli/main.ts") },
	outdir: dist,
	outExtension: { ".js": ".mjs" },
	format: "esm",
	splitting: true,
	// Some of the packages are CommonJS and ask for Node's own modules.
	banner: {
		js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
	},
});

// For the Node that the launcher will start.
execFileSync(process.execPath, [join(dist, "mosh-server.cjs"), "compile"], { stdio: "inherit" });

// What neither a shell nor Node can do.
execFileSync(join(root, "native/build.sh"), [join(dist, "boundary")], { stdio: "inherit" });
for (const name of ["trim", "netlink"]) {
	execFileSync(join(root, "native/build-module.sh"), [name, join(dist, `${name}.node`)], {
		stdio: "inherit",
	});
}

const nodePty = dirname(createRequire(import.meta.url).resolve("node-pty/package.json"));
copyFileSync(join(nodePty, "build/Release/pty.node"), join(dist, "pty.node"));
// The launcher may find another node in PATH, or none: ssh's PATH is short. And which option keeps this one's inspector shut.
const never = process.allowedNodeEnvironmentFlags.has("--disable-sigusr1") ? "--disable-sigusr1" : "";
writeFileSync(join(dist, "node-path"), `${process.execPath}\n${never}\n`);
