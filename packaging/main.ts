/**
 * `npm run package`: the packages into dist/, for every architecture that can be compiled for here.
 *   mosh-portguard        brings its own Node; needs only the C library; .deb, and .rpm where rpmbuild is installed
 *   mosh-portguard-small  uses the distribution's nodejs; .deb
 * What cannot be made here is said on standard error, with what is missing. The exit status is then 1 if it was asked for by
 * `--only`, or is this machine's own; and 0 if only packages for another architecture, or the .rpm, are left out.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ARCHITECTURES, type Architecture, compileObstacle, ownArchitecture } from "./architecture.js";
import { PACKAGES } from "./packages.js";
import { Parts } from "./parts.js";
import { root } from "./project.js";
import { rpmObstacle } from "./rpm.js";

const { values: options } = parseArgs({
	options: {
		output: { type: "string", default: join(root, "dist") },
		/** NAME_ARCHITECTURE, as the .deb's file name begins; all when none is given. */
		only: { type: "string", multiple: true },
		fast: { type: "boolean", default: false },
	},
});
const all = ARCHITECTURES.flatMap((architecture) =>
	Object.entries(PACKAGES).map(([name, make]) => ({
		name: `${name}_${architecture.debian}`,
		architecture,
		make,
	})),
);
const unknown = options.only?.find((name) => all.every((one) => one.name !== name));
if (unknown !== undefined) {
	throw new Error(`--only ${unknown}: not one of ${all.map(({ name }) => name).join(", ")}`);
}
const wanted = all.filter(({ name }) => options.only?.includes(name) ?? true);
const own = ownArchitecture();
if (own === undefined) {
	throw new Error(`packages are not made on ${process.arch}: it has no Node to make them with`);
}
const impossible = new Set<Architecture>();
for (const architecture of new Set(wanted.map((one) => one.architecture))) {
	const obstacle = compileObstacle(architecture);
	if (obstacle !== undefined) {
		console.error(`no packages for ${architecture.debian}: ${obstacle}`);
		impossible.add(architecture);
	}
}
if (impossible.size > 0 && (options.only !== undefined || impossible.has(own))) {
	process.exitCode = 1;
}
const noRpm = rpmObstacle();
if (noRpm !== undefined) {
	console.error(`no .rpm: ${noRpm}`);
}
// Modes of the tree become modes on the host.
process.umask(0o022);
mkdirSync(options.output, { recursive: true });
const work = mkdtempSync(join(tmpdir(), "mosh-portguard-package-"));
try {
	const parts = new Parts(own, work);
	for (const { name, architecture, make } of wanted.filter((one) => !impossible.has(one.architecture))) {
		const folder = join(work, name);
		const made = await make(architecture, parts, folder, options);
		console.log(made.join("\n"));
		rmSync(folder, { recursive: true });
	}
} finally {
	rmSync(work, { recursive: true, force: true });
}
