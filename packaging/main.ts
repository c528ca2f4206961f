/**
 * `npm run package`: the packages into dist/.
 *   mosh-portguard        brings its own Node; needs only the C library; .deb, and .rpm where rpmbuild is installed
 *   mosh-portguard-small  uses the distribution's nodejs; .deb
 */

import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.js";
import { gzip, put, putBoundary, putCommon, putPty } from "./contents.js";
import { makeDeb } from "./deb.js";
import {
	commandLauncher,
	LIBRARY,
	nodeGuardLauncher,
	nodeServerLauncher,
	singleGuardLauncher,
	singleServerLauncher,
} from "./launcher.js";
import { fetchNode, NODE_VERSION } from "./node-runtime.js";
import { root } from "./project.js";
import { makeRpm, rpmObstacle } from "./rpm.js";
import { makeSingleExecutable } from "./single-executable.js";

const DESCRIPTION = `mosh-server and guard of the UDP ports of live mosh sessions
Mosh gives every login a UDP port of its own. This package opens a port in the
host's firewall (ufw, iptables, nftables, firewalld) while, and only while, a
genuine mosh-server of a permitted user holds it, for the stock mosh-server
too. It brings a mosh-server of its own that waits until its port is open.`;

const NODE_LICENCE = `
The package contains Node.js ${NODE_VERSION}, copyright Node.js contributors, under
the MIT licence; its own parts and their licences are in LICENSE.node.gz.
`;

const RECOMMENDS = "conntrack, sudo, systemd";
const SUGGESTS = "mosh, ufw | firewalld | nftables | iptables";

const { values: options } = parseArgs({
	options: {
		output: { type: "string", default: join(root, "dist") },
		/** Spares the minute that the best compression takes, for tests. */
		fast: { type: "boolean", default: false },
	},
});
// Modes of the tree become modes on the host.
process.umask(0o022);
mkdirSync(options.output, { recursive: true });
const work = mkdtempSync(join(tmpdir(), "mosh-portguard-package-"));
try {
	for (const path of await selfContained(join(work, "self-contained"))) {
		console.log(path);
	}
	console.log(await small(join(work, "small")));
} finally {
	rmSync(work, { recursive: true, force: true });
}

async function selfContained(folder: string): Promise<string[]> {
	const name = "mosh-portguard";
	const tree = await startTree(folder, name);
	const node = fetchNode(join(root, "node_modules/.cache/mosh-portguard"), join(folder, "node"));
	await bundle("packaging/program/single.ts", join(folder, "single.cjs"));
	const server = join(tree, LIBRARY, "mosh-server");
	const build = join(folder, "build");
	mkdirSync(build);
	await makeSingleExecutable(node, join(folder, "single.cjs"), server, build);
	linkSync(server, join(tree, LIBRARY, "mosh-portguard"));
	put(tree, `${LIBRARY}/guard`, singleGuardLauncher(), 0o755);
	put(tree, "/usr/bin/mosh-portguard-server", singleServerLauncher(), 0o755);
	put(tree, `/usr/share/doc/${name}/LICENSE.node.gz`, gzip(readFileSync(join(node, "../../LICENSE"))));
	put(tree, `/usr/share/doc/${name}/copyright`, copyright(NODE_LICENCE));
	put(tree, `/usr/share/lintian/overrides/${name}`, file("lintian-overrides"));
	const control = {
		name,
		architecture: "amd64",
		fields: {
			Depends: "libc6 (>= 2.34), libstdc++6 (>= 12), iproute2",
			Recommends: RECOMMENDS,
			Suggests: SUGGESTS,
			Conflicts: "mosh-portguard-small",
			Replaces: "mosh-portguard-small",
		},
		description: `${DESCRIPTION}\n.\nIt contains Node.js ${NODE_VERSION} and does not need the host's.`,
		scripts: scripts(),
	};
	const obstacle = rpmObstacle();
	if (obstacle !== undefined) {
		console.error(`no .rpm: ${obstacle}`);
	}
	// First, since makeDeb() adds what is Debian's to the tree.
	const rpms = obstacle === undefined ? [makeRpm(tree, control, join(folder, "rpm"), options)] : [];
	return [makeDeb(tree, control, options), ...rpms];
}

async function small(folder: string): Promise<string> {
	const name = "mosh-portguard-small";
	const tree = await startTree(folder, name);
	put(tree, `${LIBRARY}/guard`, nodeGuardLauncher(), 0o755);
	put(tree, "/usr/bin/mosh-portguard-server", nodeServerLauncher(), 0o755);
	put(tree, "/etc/mosh-portguard/config.d/10-nodejs.toml", file("nodejs.toml"));
	put(tree, `/usr/share/doc/${name}/copyright`, copyright(""));
	const control = {
		name,
		architecture: "amd64",
		fields: {
			Depends: "nodejs (>= 18.19), libc6 (>= 2.34), libstdc++6 (>= 12), iproute2",
			Recommends: RECOMMENDS,
			Suggests: SUGGESTS,
			Conflicts: "mosh-portguard",
			Replaces: "mosh-portguard",
			Provides: "mosh-portguard",
		},
		description: `${DESCRIPTION}\n.\nThis package runs on the distribution's Node.js.`,
		scripts: scripts(),
	};
	return makeDeb(tree, control, options);
}

async function startTree(folder: string, name: string): Promise<string> {
	const tree = join(folder, "tree");
	mkdirSync(join(tree, LIBRARY), { recursive: true });
	putCommon(tree, name);
	put(tree, "/usr/bin/mosh-portguard", commandLauncher(), 0o755);
	putPty(tree, `${LIBRARY}/pty.node`);
	putBoundary(tree, `${LIBRARY}/boundary`);
	await bundle("src/server/entry.ts", join(tree, LIBRARY, "mosh-server.cjs"));
	await bundle("src/server/serve.ts", join(tree, LIBRARY, "session.cjs"));
	await bundle("packaging/program/command.ts", join(tree, LIBRARY, "mosh-portguard.cjs"));
	await bundle("node_modules/systeminformation/lib/index.js", join(tree, LIBRARY, "systeminformation.cjs"));
	return tree;
}

function scripts() {
	return { postinst: file("postinst"), prerm: file("prerm"), postrm: file("postrm") };
}

function copyright(more: string): string {
	return `${readFileSync(join(root, "LICENSE"), "utf8")}${more}`;
}

function file(name: string): string {
	const path = join(root, "packaging/debian", name);
	if (!existsSync(path)) {
		throw new Error(`${path} is missing`);
	}
	return readFileSync(path, "utf8");
}
