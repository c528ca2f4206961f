/**
 * The same folder tree becomes an .rpm: the same tree, the same bytes. The spec is made from the tree, so that no list of
 * files is written twice, and needs none of Fedora's macros: it can be built on Debian.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Architecture } from "./architecture.js";
import { setDates } from "./contents.js";
import { MAINTAINER, sourceDate, version } from "./project.js";

export interface RpmControl {
	readonly name: string;
	readonly architecture: Architecture;
	/** The first line is the summary. */
	readonly description: string;
	/** Those of packaging/debian, which are told in dpkg's words what happens. */
	readonly scripts: Readonly<Record<"postinst" | "prerm" | "postrm", string>>;
}

const RELEASE = "1";
const RPMBUILD = "/usr/bin/rpmbuild";

/** Where Fedora and its kin keep what Debian keeps elsewhere. */
const MOVED = [
	["lib/systemd/system", "usr/lib/systemd/system"],
	["usr/share/zsh/vendor-completions", "usr/share/zsh/site-functions"],
] as const;
const DEBIANS_ALONE = "usr/share/lintian";

/** Fedora's names of what the guard calls. What the programs link to rpmbuild finds out itself. */
const REQUIRES = "iproute, util-linux, coreutils, systemd";
const RECOMMENDS = "conntrack-tools, sudo";
const SUGGESTS = "mosh";

/** rpm says how many versions are left after the step, where dpkg has words. A first installation has no older version. */
const SAY_INSTALLED = 'if [ "$1" -gt 1 ]; then set -- configure older; else set -- configure; fi\n';
/** Also before an upgrade's last step, where nothing is removed. */
const SAY_REMOVED = '[ "$1" -eq 0 ] || exit 0\nset -- remove\n';

/** Why none can be made here, or undefined. */
export function rpmObstacle(): string | undefined {
	return existsSync(RPMBUILD) ? undefined : "rpmbuild is not installed (Debian's package rpm)";
}

/** `folder`: for what is made on the way. @returns path of the package in the folder `output` */
export function makeRpm(
	tree: string,
	control: RpmControl,
	folder: string,
	{ output, fast }: { readonly output: string; readonly fast: boolean },
): string {
	const { rpm } = control.architecture;
	const seconds = sourceDate();
	const stage = join(folder, "stage");
	mkdirSync(folder, { recursive: true });
	// Keeps the two names of one file one file.
	execFileSync("cp", ["-a", tree, stage]);
	for (const [from, to] of MOVED) {
		mkdirSync(dirname(join(stage, to)), { recursive: true });
		renameSync(join(stage, from), join(stage, to));
	}
	rmSync(join(stage, "lib"), { recursive: true });
	rmSync(join(stage, DEBIANS_ALONE), { recursive: true, force: true });
	setDates(stage, seconds);
	const spec = join(folder, `${control.name}.spec`);
	writeFileSync(spec, specOf(stage, control, seconds));
	const macros = {
		_topdir: join(folder, "rpmbuild"),
		_rpmdir: join(folder, "rpms"),
		_buildhost: "localhost",
		use_source_date_epoch_as_buildtime: "1",
		clamp_mtime_to_source_date_epoch: "1",
		_binary_payload: fast ? "w.ufdio" : "w7.xzdio",
		// Everything is as it shall be: nothing to strip, compress or split off.
		__os_install_post: "%{nil}",
		debug_package: "%{nil}",
		_build_id_links: "none",
		// The interpreter of a script for hosts that have it.
		__requires_exclude: "^/sbin/openrc-run$",
	};
	const defines = Object.entries(macros).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
	execFileSync(RPMBUILD, ["-bb", "--quiet", "--target", `${rpm}-linux`, ...defines, spec], {
		env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
		stdio: ["ignore", "ignore", "inherit"],
	});
	const name = `${control.name}-${version}-${RELEASE}.${rpm}.rpm`;
	const path = join(output, name);
	writeFileSync(path, readFileSync(join(folder, "rpms", rpm, name)));
	return path;
}

function specOf(stage: string, { name, description, scripts }: RpmControl, seconds: number): string {
	const [summary = "", ...more] = description.trim().split("\n");
	return `Name: ${name}
Version: ${version}
Release: ${RELEASE}
Summary: ${summary}
License: MIT
Packager: ${MAINTAINER}
Requires: ${REQUIRES}
Recommends: ${RECOMMENDS}
Suggests: ${SUGGESTS}
AutoProv: no

%description
${more.join("\n").replaceAll(/^\.$/gm, "")}

%install
cp -a ${stage}/. %{buildroot}/

%post
${SAY_INSTALLED}${body(scripts.postinst)}
%preun
${SAY_REMOVED}${body(scripts.prerm)}
%postun
${SAY_REMOVED}${body(scripts.postrm)}
%files
%defattr(-,root,root,-)
${entries(stage).join("\n")}

%changelog
* ${date(seconds)} ${MAINTAINER} - ${version}-${RELEASE}
- See CHANGELOG.md.
`;
}

/** Sat Nov 21 2026 */
function date(seconds: number): string {
	const [weekday = "", day, month, year] = new Date(seconds * 1000).toUTCString().split(" ");
	return [weekday.replace(",", ""), month, day, year].join(" ");
}

/** Without the interpreter's line; rpm uses the same. A % would be a macro. */
function body(script: string): string {
	return script.replace(/^#!.*\n/, "").replaceAll("%", "%%");
}

/** Files, and the folders that are the package's own. */
function entries(stage: string): string[] {
	return readdirSync(stage, { recursive: true, withFileTypes: true })
		.map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(stage.length) }))
		.filter(({ entry, path }) => !entry.isDirectory() || path.includes("mosh-portguard"))
		.map(({ entry, path }) => {
			if (entry.isDirectory()) {
				return `%dir ${path}`;
			}
			return path.startsWith("/etc/") ? `%config(noreplace) ${path}` : path;
		})
		.sort();
}
