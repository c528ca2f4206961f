/** The two packages, for one architecture each time. */

import { linkSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Architecture, toolchain } from "./architecture.js";
import { gzip, put, putCommon } from "./contents.js";
import { makeDeb } from "./deb.js";
import {
	commandLauncher,
	LIBRARY,
	nodeGuardLauncher,
	nodeServerLauncher,
	singleGuardLauncher,
	singleServerLauncher,
} from "./launcher.js";
import { NODE_VERSION } from "./node-runtime.js";
import type { Parts } from "./parts.js";
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

export interface PackageOptions {
	readonly output: string;
	/** Spares the time that compression takes, for tests. */
	readonly fast: boolean;
}

/** Makes a package for one architecture. @returns paths of its files, in the folder `output` of the options */
export type MakePackage = (
	architecture: Architecture,
	parts: Parts,
	folder: string,
	options: PackageOptions,
) => Promise<string[]>;

/** By their names. */
export const PACKAGES: Readonly<Record<string, MakePackage>> = {
	"mosh-portguard": selfContained,
	"mosh-portguard-small": small,
};

async function selfContained(
	architecture: Architecture,
	parts: Parts,
	folder: string,
	options: PackageOptions,
): Promise<string[]> {
	const name = "mosh-portguard";
	const tree = await startTree(architecture, parts, folder, name);
	const node = parts.node(architecture);
	const server = join(tree, LIBRARY, "mosh-server");
	await makeSingleExecutable(node.binary, await parts.blob(), server, toolchain(architecture).strip);
	linkSync(server, join(tree, LIBRARY, "mosh-portguard"));
	put(tree, `${LIBRARY}/guard`, singleGuardLauncher(), 0o755);
	put(tree, "/usr/bin/mosh-portguard-server", singleServerLauncher(), 0o755);
	put(tree, `/usr/share/doc/${name}/LICENSE.node.gz`, gzip(readFileSync(node.licence)));
	put(tree, `/usr/share/doc/${name}/copyright`, copyright(NODE_LICENCE));
	put(tree, `/usr/share/lintian/overrides/${name}`, file("lintian-overrides"));
	const control = {
		name,
		architecture,
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
	// First, since makeDeb() adds what is Debian's to the tree.
	const rpms = rpmObstacle() === undefined ? [makeRpm(tree, control, join(folder, "rpm"), options)] : [];
	return [makeDeb(tree, control, options), ...rpms];
}

async function small(
	architecture: Architecture,
	parts: Parts,
	folder: string,
	options: PackageOptions,
): Promise<string[]> {
	const name = "mosh-portguard-small";
	const tree = await startTree(architecture, parts, folder, name);
	put(tree, `${LIBRARY}/guard`, nodeGuardLauncher(), 0o755);
	put(tree, "/usr/bin/mosh-portguard-server", nodeServerLauncher(), 0o755);
	put(tree, "/etc/mosh-portguard/config.d/10-nodejs.toml", file("nodejs.toml"));
	put(tree, `/usr/share/doc/${name}/copyright`, copyright(""));
	const control = {
		name,
		architecture,
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
	return [makeDeb(tree, control, options)];
}

async function startTree(
	architecture: Architecture,
	parts: Parts,
	folder: string,
	name: string,
): Promise<string> {
	const tree = join(folder, "tree");
	mkdirSync(join(tree, LIBRARY), { recursive: true });
	putCommon(tree, name);
	put(tree, "/usr/bin/mosh-portguard", commandLauncher(), 0o755);
	const native = parts.native(architecture);
	for (const name of ["pty.node", "trim.node", "netlink.node"]) {
		put(tree, `${LIBRARY}/${name}`, readFileSync(join(native, name)));
	}
	put(tree, `${LIBRARY}/boundary`, readFileSync(join(native, "boundary")), 0o755);
	const bundles = await parts.bundles();
	for (const name of readdirSync(bundles)) {
		put(tree, `${LIBRARY}/${name}`, readFileSync(join(bundles, name)));
	}
	return tree;
}

function scripts() {
	return { postinst: file("postinst"), prerm: file("prerm"), postrm: file("postrm") };
}

function copyright(more: string): string {
	return `${readFileSync(join(root, "LICENSE"), "utf8")}${more}`;
}

function file(name: string): string {
	return readFileSync(join(root, "packaging/debian", name), "utf8");
}
