/** A folder tree becomes a .deb: the same tree, the same bytes. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "./architecture.js";
import { gzip, setDates } from "./contents.js";
import { MAINTAINER, root, sourceDate, version } from "./project.js";

export interface Control {
	readonly name: string;
	readonly architecture: Architecture;
	/** Fields as in deb-control(5), one line each, besides those that every package has. */
	readonly fields: Readonly<Record<string, string>>;
	readonly description: string;
	/** Of packaging/debian; their names are those that dpkg knows. */
	readonly scripts: Readonly<Record<string, string>>;
}

/** @returns path of the package in the folder `output` */
export function makeDeb(
	tree: string,
	control: Control,
	{ output, fast }: { readonly output: string; readonly fast: boolean },
): string {
	const debian = join(tree, "DEBIAN");
	mkdirSync(debian, { recursive: true, mode: 0o755 });
	const seconds = sourceDate();
	const changelog = join(tree, "usr/share/doc", control.name, "changelog.gz");
	writeFileSync(changelog, gzip(Buffer.from(debianChangelog(control.name, seconds))));
	const files = filesIn(tree).filter((path) => !path.startsWith("DEBIAN/"));
	// A file under two names takes its place once.
	const sizes = new Map(files.map((path) => lstatSync(join(tree, path))).map(({ ino, size }) => [ino, size]));
	const kilobytes = [...sizes.values()].reduce((sum, size) => sum + Math.ceil(size / 1024), 0);
	const lines = {
		Package: control.name,
		Version: version,
		Architecture: control.architecture.debian,
		Maintainer: MAINTAINER,
		"Installed-Size": String(kilobytes),
		Section: "net",
		Priority: "optional",
		...control.fields,
		Description: control.description.trim().replaceAll("\n", "\n "),
	};
	const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\n`);
	writeFileSync(join(debian, "control"), text.join(""));
	const configuration = files.filter((path) => path.startsWith("etc/"));
	writeFileSync(join(debian, "conffiles"), configuration.map((path) => `/${path}\n`).join(""));
	const regular = files.filter((path) => lstatSync(join(tree, path)).isFile());
	const sums = regular.map((path) => {
		return `${createHash("md5")
			.update(readFileSync(join(tree, path)))
			.digest("hex")}  ${path}\n`;
	});
	writeFileSync(join(debian, "md5sums"), sums.join(""));
	for (const [name, script] of Object.entries(control.scripts)) {
		writeFileSync(join(debian, name), script, { mode: 0o755 });
	}
	setDates(tree, seconds);
	const deb = join(output, `${control.name}_${version}_${control.architecture.debian}.deb`);
	execFileSync("dpkg-deb", ["--root-owner-group", fast ? "-Znone" : "-Zxz", "--build", tree, deb], {
		cwd: root,
		env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
		stdio: ["ignore", "ignore", "inherit"],
	});
	return deb;
}

/** What changed is said once, in CHANGELOG.md; this is the form that Debian's tools read. */
function debianChangelog(name: string, seconds: number): string {
	const date = new Date(seconds * 1000).toUTCString().replace("GMT", "+0000");
	return `${name} (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${MAINTAINER}  ${date}\n`;
}

/** Relative paths of everything that is not a folder, in one order everywhere. */
function filesIn(tree: string): string[] {
	return readdirSync(tree, { recursive: true, withFileTypes: true })
		.filter((entry) => !entry.isDirectory())
		.map((entry) => join(entry.parentPath, entry.name).slice(tree.length + 1))
		.sort();
}
