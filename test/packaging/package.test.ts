/** The packages as they are built: their bytes, files, scripts and programs. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	accessSync,
	constants,
	lstatSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import {
	ARCHITECTURES,
	type Architecture,
	compileObstacle,
	ownArchitecture,
	toolchain,
} from "../../packaging/architecture.js";
import { needsRoot, needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";
import { testOwnFiles } from "./own-files.js";

const ROOT = new URL("../..", import.meta.url).pathname;
/**
 * Checks of lintian that read the whole of Node's executable for most of its time: spelling is no error, and that Node brings
 * libraries along is overridden.
 */
const OF_NODE_ALONE = "binaries/spelling,libraries/embedded";
/** Theirs alone, since they are not compressed. */
const OF_TESTS_ALONE = "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball";
const NAMES = ["mosh-portguard", "mosh-portguard-small"] as const;
type Name = (typeof NAMES)[number];
/** The packages of this machine's are tried, those of the others compared with them. */
const OWN = ownArchitecture() as Architecture;
const FOREIGN = ARCHITECTURES.filter((one) => one !== OWN && compileObstacle(one) === undefined);

describe("the packages", { skip: needsTools("dpkg-deb", "strip", "unshare", "npm") }, () => {
	const first = scratchFolder();
	const second = scratchFolder();
	const unpacked = Object.fromEntries(NAMES.map((name) => [name, scratchFolder()]));

	before(() => {
		build(first);
		const foreign = FOREIGN.map(({ debian }) => `mosh-portguard-small_${debian}`);
		build(second, ...NAMES.map((name) => `${name}_${OWN.debian}`), ...foreign);
		for (const name of NAMES) {
			execFileSync("dpkg-deb", ["-R", deb(first, name), inside(name)]);
		}
	});

	test("have the same bytes when they are built again", () => {
		for (const name of NAMES) {
			assert.equal(hash(deb(first, name)), hash(deb(second, name)), name);
		}
	});

	test("lintian has no error", { skip: needsTools("lintian") }, () => {
		for (const name of NAMES) {
			const left = name === "mosh-portguard" ? ["--dont-check-part", OF_NODE_ALONE] : [];
			const debs = [
				deb(first, name),
				...(name === "mosh-portguard" ? [] : FOREIGN.map((one) => deb(first, name, one))),
			];
			const line = [
				"--no-cfg",
				"--allow-root",
				"--fail-on",
				"error",
				"--suppress-tags",
				OF_TESTS_ALONE,
				...left,
				...debs,
			];
			const { status, stdout } = spawnSync("lintian", line, { encoding: "utf8" });
			assert.equal(status, 0, stdout);
		}
	});

	test("have nothing of the machine that built them", () => {
		for (const name of NAMES) {
			const found = spawnSync("grep", ["-rlaF", ROOT.replace(/\/$/, ""), inside(name)], { encoding: "utf8" });
			assert.equal(found.stdout, "");
		}
	});

	test("neither enable nor start the service", () => {
		for (const name of NAMES) {
			for (const script of ["postinst", "prerm", "postrm"]) {
				const text = readFileSync(inside(name, "DEBIAN", script), "utf8").replaceAll(/^\s*#.*/gm, "");
				// try-restart leaves alone what does not run.
				assert.doesNotMatch(text, /systemctl (--\S+ )*(enable|start|restart)\b/);
				execFileSync("sh", ["-n", inside(name, "DEBIAN", script)]);
			}
		}
	});

	test("bring the shim, and put no mosh-server where Debian has its own", () => {
		for (const name of NAMES) {
			accessSync(inside(name, "usr/lib/mosh-portguard/shim/mosh-server"), constants.X_OK);
			const files = readdirSync(inside(name), { recursive: true, encoding: "utf8" });
			assert.deepEqual(
				files.filter((path) => /(^|\/)bin\/mosh-server$/.test(path)),
				[],
			);
		}
	});

	test("own configuration is kept, all of it and nothing else", () => {
		for (const name of NAMES) {
			const list = readFileSync(inside(name, "DEBIAN/conffiles"), "utf8").trim().split("\n");
			const files = readdirSync(inside(name, "etc"), { recursive: true, withFileTypes: true });
			const found = files
				.filter((entry) => entry.isFile())
				.map((entry) => join(entry.parentPath, entry.name));
			assert.deepEqual(list.sort(), found.map((path) => path.slice(inside(name).length)).sort());
		}
	});

	test("the single executable is both programs, and no Node", () => {
		const program = (name: string) => inside("mosh-portguard", "usr/lib/mosh-portguard", name);
		const run = (file: string, args: string[], environment = {}) =>
			spawnSync(file, args, { encoding: "utf8", env: { PATH: "/usr/bin:/bin", ...environment } });
		assert.match(run(program("mosh-portguard"), ["--help"]).stdout, /^Usage: mosh-portguard /);
		// Words as the launcher gives them: its process id, the limit of core files, then the user's.
		assert.match(run(program("mosh-server"), ["1", "0", "--version"]).stdout, /^mosh-server /);
		assert.match(run(program("mosh-portguard"), ["doctor", "--host-facts"]).stdout, /"distribution":"\w/);
		const code = 'console.log("run", "by", "Node")';
		const script = join(scratchFolder(), "script.js");
		writeFileSync(script, code);
		const asNode = [["--eval", code], ["--print", code], [script]];
		for (const args of asNode) {
			assert.match(run(process.execPath, args).stdout, /run by Node/);
		}
		for (const name of ["mosh-portguard", "mosh-server"]) {
			for (const args of asNode) {
				// With a word that ends a mosh-server, which takes the first two for the launcher's.
				const { stdout } = run(program(name), [...args, "--version", "--version"]);
				assert.doesNotMatch(stdout, /run by Node/);
			}
			const { stdout, stderr } = run(program(name), ["--help"], { NODE_OPTIONS: "--require=/nonexistent" });
			assert.doesNotMatch(stdout + stderr, /nonexistent/);
		}
	});

	describe("a mosh-server's own files", { skip: needsTools("bash", "perl") }, () => {
		testOwnFiles(inside("mosh-portguard", "usr/lib/mosh-portguard"));
	});

	describe("the .rpm", { skip: needsTools("rpmbuild", "rpm") }, () => {
		const file = (folder = first) => rpm(folder);
		const query = (...args: string[]) => execFileSync("rpm", ["-qp", ...args, file()], { encoding: "utf8" });

		test("has the same bytes when it is built again", () => {
			assert.equal(hash(file()), hash(file(second)));
		});

		test("has the files of the .deb, where Fedora looks for them, with their modes", () => {
			const deb = inside("mosh-portguard");
			const entries = readdirSync(deb, { recursive: true, withFileTypes: true });
			const expected = entries
				.filter((entry) => !entry.isDirectory())
				.map((entry) => join(entry.parentPath, entry.name))
				.filter((path) => !/\/DEBIAN\/|\/lintian\/|\/changelog\.gz$/.test(path))
				.map((path) => `${lstatSync(path).mode} ${path.slice(deb.length)}`);
			const places = {
				"/lib/systemd": "/usr/lib/systemd",
				"/zsh/vendor-completions/": "/zsh/site-functions/",
			};
			const moved = Object.entries(places).reduce(
				(paths, [from, to]) =>
					paths.map((path) => path.replace(` ${from}`, ` ${to}`).replace(`/share${from}`, `/share${to}`)),
				expected,
			);
			const listed = query("--qf", "[%{FILEMODES} %{FILENAMES}\\n]").trim().split("\n");
			const isFolder = (line: string) => (Number.parseInt(line, 10) & 0o170000) === 0o040000;
			assert.deepEqual(listed.filter((line) => !isFolder(line)).sort(), moved.sort());
			const owners = query("--qf", "[%{FILEUSERNAME}:%{FILEGROUPNAME}\\n]").trim().split("\n");
			assert.deepEqual([...new Set(owners)], ["root:root"]);
		});

		test("requires no OpenRC", () => {
			assert.doesNotMatch(query("--requires"), /openrc/);
		});

		test("keeps the configuration", () => {
			const flags = query("--qf", "[%{FILEFLAGS:fflags} %{FILENAMES}\\n]").trim().split("\n");
			const kept = flags.filter((line) => line.startsWith("cn ")).map((line) => line.slice(3));
			assert.deepEqual(kept, ["/etc/mosh-portguard/config.toml", "/etc/sudoers.d/mosh-portguard-hook"]);
			assert.deepEqual(
				flags.filter((line) => /^\S* ?\/etc\/.*\.toml$/.test(line)),
				[`cn ${kept[0]}`],
			);
		});

		test("has nothing of the machine that built it", () => {
			const contents = execFileSync("sh", ["-c", 'rpm2cpio "$1"', "sh", file()], { maxBuffer: 2 ** 28 });
			assert.equal(query("--qf", "%{BUILDHOST}"), "localhost");
			for (const trace of [ROOT.replace(/\/$/, ""), "mosh-portguard-package-"]) {
				assert.equal(readFileSync(file()).includes(trace), false, trace);
				assert.equal(contents.includes(trace), false, trace);
			}
		});

		test("installs, upgrades and is removed without a trace", { skip: needsRoot() }, () => {
			const script = join(scratchFolder(), "rpm.sh");
			writeFileSync(script, ON_A_ROOT_OF_ITS_OWN);
			const line = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--propagation", "private"];
			const { status, stdout, stderr } = spawnSync(
				"unshare",
				[...line, "sh", "-eu", script, scratchFolder(), file()],
				{ encoding: "utf8" },
			);
			assert.equal(status, 0, stderr);
			const said = stdout.trim().split("\n");
			assert.deepEqual(said, [
				"/etc/mosh-portguard/config.toml: valid",
				"mosh-server of mosh-portguard",
				"mine",
				"/etc/mosh-portguard",
				"/etc/mosh-portguard/config.toml.rpmsave",
			]);
		});
	});

	for (const architecture of ARCHITECTURES.filter((one) => one !== OWN)) {
		const { debian, elf } = architecture;
		describe(`for ${debian}`, { skip: needsTools(...Object.values(toolchain(architecture))) }, () => {
			const unpacked = Object.fromEntries(NAMES.map((name) => [name, scratchFolder()]));
			before(() => {
				for (const name of NAMES) {
					execFileSync("dpkg-deb", ["-R", deb(first, name, architecture), unpacked[name] as string]);
				}
			});

			test("differ from this machine's in their programs, which are all for that machine", () => {
				const library = "usr/lib/mosh-portguard";
				const programs = {
					"mosh-portguard": [
						"boundary",
						"mosh-portguard",
						"mosh-server",
						"netlink.node",
						"pty.node",
						"trim.node",
					],
					"mosh-portguard-small": ["boundary", "netlink.node", "pty.node", "trim.node"],
				};
				const saysWhichPackage = ["DEBIAN/control", "DEBIAN/md5sums"];
				for (const name of NAMES) {
					const own = contents(inside(name));
					const theirs = contents(unpacked[name] as string);
					const expected = programs[name].map((program) => `${library}/${program}`);
					assert.deepEqual([...theirs.keys()], [...own.keys()]);
					for (const [path, { is, machine }] of theirs) {
						const differs = expected.includes(path) || saysWhichPackage.includes(path);
						assert.equal(is !== own.get(path)?.is, differs, `${name}: ${path}`);
						assert.equal(machine, expected.includes(path) ? elf : undefined, `${name}: ${path}`);
						assert.equal(own.get(path)?.machine, expected.includes(path) ? OWN.elf : undefined, path);
					}
					const control = readFileSync(join(unpacked[name] as string, "DEBIAN/control"), "utf8");
					const others = (text: string) => text.replaceAll(/^(Architecture|Installed-Size): .*\n/gm, "");
					assert.match(control, new RegExp(`^Architecture: ${debian}$`, "m"));
					assert.equal(others(control), others(readFileSync(inside(name, "DEBIAN/control"), "utf8")));
				}
			});

			test("have the same bytes when they are built again", () => {
				const name = "mosh-portguard-small";
				assert.equal(hash(deb(first, name, architecture)), hash(deb(second, name, architecture)));
			});

			test("the .rpm is for that machine", { skip: needsTools("rpmbuild", "rpm") }, () => {
				const line = ["-qp", "--qf", "%{ARCH}", rpm(first, architecture)];
				assert.equal(execFileSync("rpm", line, { encoding: "utf8" }), architecture.rpm);
			});

			test("a compiler that is missing is named, with Debian's package", () => {
				const line = ["--import", "tsx", "packaging/main.ts", "--only", `mosh-portguard-small_${debian}`];
				const { status, stdout, stderr } = spawnSync(
					process.execPath,
					[...line, "--output", scratchFolder()],
					{
						cwd: ROOT,
						encoding: "utf8",
						env: { PATH: "/nonexistent" },
					},
				);
				const said = `^no packages for ${debian}: \\S+-gcc, .* missing \\(Debian: apt install gcc-\\S+ g\\+\\+-`;
				assert.match(stderr, new RegExp(said));
				assert.deepEqual([status, stdout], [1, ""]);
			});
		});
	}

	function inside(name: string, ...path: string[]): string {
		return join(unpacked[name] as string, ...path);
	}
});

/** This machine's files with a layer over them, and no network. Arguments: a folder for the layer, the package. */
const ON_A_ROOT_OF_ITS_OWN = `
mount -t tmpfs tmpfs "$1"
root=$1/root
mkdir "$1/up" "$1/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount --rbind /dev "$root/dev"
rpm --root "$root" --nodeps -i "$2"
rpm --root "$root" --nodeps -V mosh-portguard
chroot "$root" mosh-portguard check-config
chroot "$root" mosh-portguard-server --version | sed -n '1s/^mosh-server .*\\(mosh-portguard\\).*/mosh-server of \\1/p'
echo "# mine" >>"$root/etc/mosh-portguard/config.toml"
rpm --root "$root" --nodeps -U --force "$2"
sed -n '$s/^# //p' "$root/etc/mosh-portguard/config.toml"
rpm --root "$root" --nodeps -e mosh-portguard
cd "$1/up"
find etc run usr lib -path '*portguard*' ! -type c 2>/dev/null | sed 's,^,/,' | LC_ALL=C sort
`;

/** Not compressed, which takes a minute and changes nothing about what is asked here. */
function build(output: string, ...only: string[]): void {
	const chosen = only.flatMap((name) => ["--only", name]);
	const line = ["tsx", "packaging/main.ts", "--output", output, "--fast", ...chosen];
	execFileSync("npx", line, { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
}

function deb(folder: string, name: Name, { debian }: Architecture = OWN): string {
	return find(folder, `${name}_`, `_${debian}.deb`);
}

function rpm(folder: string, architecture: Architecture = OWN): string {
	return find(folder, "mosh-portguard-", `.${architecture.rpm}.rpm`);
}

function find(folder: string, start: string, end: string): string {
	const found = readdirSync(folder).find((file) => file.startsWith(start) && file.endsWith(end));
	assert.ok(found !== undefined, `${start}…${end} was not built`);
	return join(folder, found);
}

/** Of a package's tree, by their paths: what each file is, and e_machine of those that are ELF files. */
function contents(tree: string): Map<string, { readonly is: string; readonly machine: number | undefined }> {
	const entries = readdirSync(tree, { recursive: true, withFileTypes: true });
	const paths = entries
		.filter((entry) => !entry.isDirectory())
		.map((entry) => join(entry.parentPath, entry.name));
	return new Map(
		paths.sort().map((path) => {
			const { mode } = lstatSync(path);
			const link = lstatSync(path).isSymbolicLink();
			const bytes = link ? Buffer.from(readlinkSync(path)) : readFileSync(path);
			const isElf = bytes.subarray(0, 4).equals(Buffer.from("\x7fELF"));
			const machine = isElf ? bytes.readUInt16LE(18) : undefined;
			return [path.slice(tree.length + 1), { is: `${mode} ${sha256(bytes)}`, machine }];
		}),
	);
}

function hash(file: string): string {
	return sha256(readFileSync(file));
}

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}
