/** `npm pack` and `npm install -g`, without a registry, and what the guard then trusts. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Installed } from "../cli/installed.js";
import { labMissing, SERVER4 } from "../lab/hosts.js";
import { ensureBuilt } from "../support/relocated-server.js";
import { needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const NOBODY = 65534;
const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
/** Where the guard's launcher looks for node; a user's may find another one, which the guard then does not trust. */
const SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin";

/** As with `npm pack` and `npm install --global --prefix FOLDER`; dist/ is not made anew beneath other tests. */
function npmInstall(prefix: string): void {
	ensureBuilt();
	const folder = scratchFolder();
	const npm = (...args: string[]) =>
		execFileSync("npm", [...args, "--ignore-scripts", "--offline", "--no-audit", "--loglevel=error"], {
			cwd: ROOT,
			encoding: "utf8",
		});
	npm("pack", "--pack-destination", folder);
	const [archive = ""] = readdirSync(folder);
	npm("install", "--global", "--prefix", prefix, join(folder, archive));
}

describe("installed by npm", { skip: needsTools("npm") }, () => {
	const prefix = scratchFolder();
	before(() => npmInstall(prefix));

	test("both commands are there, and nothing takes the place of the stock mosh-server", () => {
		assert.deepEqual(readdirSync(join(prefix, "bin")).sort(), ["mosh-portguard", "mosh-portguard-server"]);
		const run = (name: string, word: string) =>
			execFileSync(join(prefix, "bin", name), [word], { encoding: "utf8", env: { PATH: process.env.PATH } });
		assert.match(run("mosh-portguard", "--help"), /^Usage: mosh-portguard /);
		assert.match(run("mosh-portguard-server", "--version"), /^mosh-server /);
	});

	test("no other package comes along, and the manual pages do", () => {
		assert.equal(existsSync(join(prefix, "lib/node_modules/mosh-portguard/node_modules")), false);
		assert.ok(existsSync(join(prefix, "share/man/man8/mosh-portguard.8")));
	});

	test("has what a service needs, and nothing of where it was built", () => {
		const inside = (path: string) => join(prefix, "lib/node_modules/mosh-portguard", path);
		for (const path of [
			"systemd/mosh-portguard.service",
			"systemd/setup",
			"sudoers.d/mosh-portguard-hook",
			"hooks/login-hook",
			"bin/guard",
		]) {
			assert.ok(existsSync(inside(path)), path);
		}
		assert.equal(existsSync(inside("dist/node-path")), false);
	});
});

const missing = (await labMissing("npm", "iptables", "setpriv", "node")) ?? false;

describe("installed by npm as root, on a host with a firewall", { skip: missing }, () => {
	let host: Installed;
	before(async () => {
		host = await Installed.create(undefined, async (folder) => npmInstall(folder));
	});
	after(() => host?.remove());

	const serve = async (server: string, port: number) => {
		const line = ["env", `PATH=${SYSTEM_PATH}`, server, "new", "-i", SERVER4, "-p", String(port)];
		const { stderr } = await host.run(...AS_NOBODY, ...line, "--", "sleep", "60");
		return Number(/pid = (\d+)/.exec(stderr)?.[1]);
	};

	test("the server beside the guard is trusted without a word of configuration", async () => {
		await host.startDaemon();
		const pid = await serve(join(host.folder, "bin/mosh-portguard-server"), 60001);
		const script = join(host.folder, "lib/node_modules/mosh-portguard/dist/mosh-server.cjs");
		assert.equal(lstatSync(script).uid, 0);
		await host.until(async () => (await host.rules()).includes("--dport 60001"));
		// The port may be seen, and opened, before the server's own report has arrived.
		await host.until(async () => (await host.status()).ports[0]?.reports === true);
		const [port] = (await host.status()).ports;
		assert.deepEqual([port?.state, port?.pid, port?.server], ["open", pid, script]);
		process.kill(pid);
		await host.until(async () => !(await host.rules()).includes("--dport 60001"));
	});

	test("one that a user has installed privately is not", async () => {
		const own = scratchFolder();
		chmodSync(own, 0o755);
		cpSync(join(host.folder, "lib/node_modules/mosh-portguard"), own, { recursive: true });
		execFileSync("chown", ["-R", String(NOBODY), own]);
		const pid = await serve(join(own, "bin/mosh-server"), 60002);
		assert.ok(pid > 0);
		assert.equal((await host.portguard("sync")).stdout, "nothing to change\n");
		assert.ok(!(await host.rules()).includes("--dport 60002"));
		process.kill(pid);
	});
});
