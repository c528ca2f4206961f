/** Where everything goes on a host: the same for both packages but for the programs themselves. */

import {
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "./project.js";

/** A file of the project and its place; `mode` where it is not 0644. */
interface Item {
	readonly from: string;
	readonly to: string;
	readonly mode?: number;
}

const UNITS = "/lib/systemd/system";

const COMMON: readonly Item[] = [
	...readdirSync(join(root, "systemd"))
		.filter((name) => /\.(service|path|socket)$/.test(name))
		.map((name) => ({ from: `systemd/${name}`, to: `${UNITS}/${name}` })),
	{ from: "systemd/await-ready", to: "/usr/lib/mosh-portguard/await-ready", mode: 0o755 },
	{ from: "systemd/ufw-helper", to: "/usr/lib/mosh-portguard/ufw-helper", mode: 0o755 },
	{ from: "systemd/sandbox.conf", to: `${UNITS}/mosh-portguard.service.d/sandbox.conf` },
	{ from: "systemd/sysusers.conf", to: "/usr/lib/sysusers.d/mosh-portguard.conf" },
	{ from: "polkit/mosh-portguard.rules", to: "/usr/share/polkit-1/rules.d/mosh-portguard.rules" },
	...["login-hook", "supervise", "watchdog"].map((name) => ({
		from: `hooks/${name}`,
		to: `/usr/lib/mosh-portguard/${name}`,
		mode: 0o755,
	})),
	...readdirSync(join(root, "systemd/drop-ins")).map((name) => ({
		from: `systemd/drop-ins/${name}`,
		to: `/usr/share/mosh-portguard/drop-ins/${name}`,
	})),
	...readdirSync(join(root, "examples")).map((name) => ({
		from: `examples/${name}`,
		to: `/usr/share/mosh-portguard/examples/${name}`,
		mode: name.startsWith("on-change") ? 0o755 : 0o644,
	})),
	...[
		"openrc",
		"sysvinit",
		...["run", "check", "control/h", "control/k", "control/t"].map((name) => `runit/${name}`),
	].map((name) => ({ from: `init/${name}`, to: `/usr/share/mosh-portguard/init/${name}`, mode: 0o755 })),
	{ from: "systemd/setup", to: "/usr/lib/mosh-portguard/setup", mode: 0o755 },
	{ from: "shim/mosh-server", to: "/usr/lib/mosh-portguard/shim/mosh-server", mode: 0o755 },
	{ from: "systemd/tmpfiles.conf", to: "/usr/lib/tmpfiles.d/mosh-portguard.conf" },
	{ from: "sudoers.d/mosh-portguard-hook", to: "/etc/sudoers.d/mosh-portguard-hook", mode: 0o440 },
	{ from: "config/mosh-portguard.toml", to: "/etc/mosh-portguard/config.toml" },
	...["bash", "zsh", "fish"].map((shell) => ({
		from: `hooks/mosh-portguard.${shell}`,
		to: `/usr/share/mosh-portguard/hooks/mosh-portguard.${shell}`,
	})),
	{
		from: "completions/mosh-portguard.bash",
		to: "/usr/share/bash-completion/completions/mosh-portguard",
	},
	{ from: "completions/mosh-portguard.zsh", to: "/usr/share/zsh/vendor-completions/_mosh-portguard" },
	{
		from: "completions/mosh-portguard.fish",
		to: "/usr/share/fish/vendor_completions.d/mosh-portguard.fish",
	},
];

const DOCUMENTS = ["README.md", "CHANGELOG.md", "SECURITY.md", "ARCHITECTURE.md", ...markdownIn("docs")];

export function putCommon(tree: string, packageName: string): void {
	for (const { from, to, mode } of COMMON) {
		put(tree, to, readFileSync(join(root, from)), mode);
	}
	// One sandbox for both guards.
	const ofOnDemand = join(tree, UNITS, "mosh-portguard-ondemand.service.d");
	mkdirSync(ofOnDemand);
	symlinkSync("../mosh-portguard.service.d/sandbox.conf", join(ofOnDemand, "sandbox.conf"));
	for (const name of readdirSync(join(root, "man"))) {
		const section = name.split(".").at(-1);
		put(tree, `/usr/share/man/man${section}/${name}.gz`, gzip(readFileSync(join(root, "man", name))));
	}
	const documents = `/usr/share/doc/${packageName}`;
	for (const name of DOCUMENTS) {
		put(tree, `${documents}/${name}.gz`, gzip(readFileSync(join(root, name))));
	}
	mkdirSync(join(tree, "etc/mosh-portguard/config.d"), { recursive: true });
}

export function put(tree: string, to: string, content: string | Uint8Array, mode = 0o644): void {
	const path = join(tree, to);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, content, { mode });
}

/** Node's gzip writes neither name nor time: the same bytes each time. */
export function gzip(content: Uint8Array): Uint8Array {
	return gzipSync(content, { level: 9 });
}

/** Of everything below `path`, and of itself: the same tree each time. */
export function setDates(path: string, seconds: number): void {
	const found = lstatSync(path);
	if (found.isSymbolicLink()) {
		return;
	}
	if (found.isDirectory()) {
		for (const name of readdirSync(path)) {
			setDates(join(path, name), seconds);
		}
	}
	utimesSync(path, seconds, seconds);
}

function markdownIn(folder: string): string[] {
	return readdirSync(join(root, folder))
		.filter((name) => name.endsWith(".md"))
		.map((name) => `${folder}/${name}`);
}
