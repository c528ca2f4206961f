import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const NAMES = ["mosh-portguard", "mosh-portguard-small"] as const;

describe("the Debian packages", { skip: needsTools("dpkg-deb", "strip", "unshare", "npm") }, () => {
	const first = scratchFolder();
	const second = scratchFolder();
	const unpacked = Object.fromEntries(NAMES.map((name) => [name, scratchFolder()]));

	before(() => {
		for (const folder of [first, second]) build(folder);
		for (const name of NAMES) execFileSync("dpkg-deb", ["-R", find(first, name), inside(name)]);
	});

	test("have the same bytes when they are built again", () => {
		for (const name of NAMES) assert.equal(hash(find(first, name)), hash(find(second, name)), name);
	});

	test("lintian has no error", { skip: needsTools("lintian") }, () => {
		for (const name of NAMES) {
			const line = ["--no-cfg", "--allow-root", "--fail-on", "error", find(first, name)];
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
		const script = join(scratchFolder(), "script.js");
		for (const name of ["mosh-portguard", "mosh-server"]) {
			for (const args of [["--eval", "console.log(6*7)"], ["--print", "6*7"], [script]]) {
				assert.doesNotMatch(run(program(name), args).stdout, /42/);
			}
			const { stdout, stderr } = run(program(name), ["--help"], { NODE_OPTIONS: "--require=/nonexistent" });
			assert.doesNotMatch(stdout + stderr, /nonexistent/);
		}
	});

	function inside(name: string, ...path: string[]): string {
		return join(unpacked[name] as string, ...path);
	}
});

/** Not compressed well, which takes a minute and changes nothing about what is asked here. */
function build(output: string): void {
	const line = ["tsx", "packaging/main.ts", "--output", output, "--fast"];
	execFileSync("npx", line, { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
}

function find(folder: string, name: string): string {
	const found = readdirSync(folder).find((file) => file.startsWith(`${name}_`));
	assert.ok(found !== undefined, `${name} was not built`);
	return join(folder, found);
}

function hash(file: string): string {
	return createHash("sha256").update(readFileSync(file)).digest("hex");
}
