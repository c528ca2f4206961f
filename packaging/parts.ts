/** What several packages are made of, each made once and when it is first asked for. */

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Architecture, toolchain } from "./architecture.js";
import { bundle } from "./bundle.js";
import { fetchNode, type NodeRuntime } from "./node-runtime.js";
import { root } from "./project.js";
import { makeBlob } from "./single-executable.js";

const NODE_CACHE = join(root, "node_modules/.cache/mosh-portguard");

/** Programs of an installed host and their entries. */
const BUNDLES = {
	"mosh-server.cjs": "src/server/entry.ts",
	"ssp.cjs": "src/ssp/index.ts",
	"xterm.cjs": "node_modules/@xterm/headless/lib-headless/xterm-headless.js",
	"session.cjs": "src/server/serve.ts",
	"commands.cjs": "src/server/commands.ts",
	"mosh-portguard.cjs": "packaging/program/command.ts",
	"systeminformation.cjs": "node_modules/systeminformation/lib/index.js",
};

export class Parts {
	readonly #own: Architecture;
	readonly #folder: string;
	readonly #made = new Map<string, unknown>();

	/** @param own that of the machine which builds: its Node is run here */
	constructor(own: Architecture, folder: string) {
		this.#own = own;
		this.#folder = folder;
	}

	/** Folder of the programs in JavaScript, the same for every architecture. */
	bundles(): Promise<string> {
		return this.#once("bundles", async (folder) => {
			for (const [name, entry] of Object.entries(BUNDLES)) {
				await bundle(entry, join(folder, name));
			}
			return folder;
		});
	}

	/** Folder of the programs in C and C++: `boundary`, node-pty's `pty.node`, `trim.node` and `netlink.node`. */
	native(architecture: Architecture): string {
		return this.#once(`native-${architecture.debian}`, (folder) => {
			const { cc, cxx } = toolchain(architecture);
			const env = { ...process.env, CC: cc, CXX: cxx };
			const { headers } = this.node(this.#own);
			const compile = (script: string, ...args: string[]) =>
				execFileSync(join(root, "native", script), args, { env, stdio: "inherit" });
			compile("build.sh", join(folder, "boundary"));
			compile("build-pty.sh", join(folder, "pty.node"), headers);
			for (const name of ["trim", "netlink"]) {
				compile("build-module.sh", name, join(folder, `${name}.node`));
			}
			return folder;
		});
	}

	/** The Node for a package. */
	node(architecture: Architecture): NodeRuntime {
		return this.#once(`node-${architecture.debian}`, (folder) => fetchNode(architecture, NODE_CACHE, folder));
	}

	/** For every single executable. */
	blob(): Promise<Buffer> {
		return this.#once("blob", async (folder) => {
			const script = join(folder, "single.cjs");
			await bundle("packaging/program/single.ts", script);
			return makeBlob(this.node(this.#own).binary, script);
		});
	}

	#once<T>(name: string, make: (folder: string) => T): T {
		if (!this.#made.has(name)) {
			const folder = join(this.#folder, name);
			mkdirSync(folder, { recursive: true });
			this.#made.set(name, make(folder));
		}
		return this.#made.get(name) as T;
	}
}
