/** The systemd units and the sudoers file, by the programs that read them. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const UNITS = readdirSync(join(ROOT, "systemd")).filter((name) => /\.(service|path|socket)$/.test(name));
/** The one of its template that systemd-analyze is asked about. */
const instance = (name: string) => name.replace("@.", "@1.");
/** Both have the same sandbox. */
const GUARDS = ["mosh-portguard", "mosh-portguard-ondemand"];
const read = (name: string) => readFileSync(join(ROOT, "systemd", name), "utf8");
/** As systemd-analyze counts, in tenths. */
const MOST_EXPOSURE: Record<string, number> = {
	"mosh-portguard.service": 17,
	"mosh-portguard-ondemand.service": 17,
	"mosh-portguard-ufw@.service": 25,
};

const DROP_INS = [
	...readdirSync(join(ROOT, "systemd/drop-ins")).map((name) => `systemd/drop-ins/${name}`),
	"examples/hook-network.conf",
];

describe("the systemd unit", { skip: needsTools("systemd-analyze") }, () => {
	test("is valid, with and without each drop-in", () => {
		for (const dropIn of ["", ...DROP_INS]) {
			const { status, stderr } = inHost(dropIn, ["verify", "--man=no"]);
			assert.equal(stderr, "", dropIn);
			assert.equal(status, 0);
		}
	});

	for (const name of UNITS) {
		test(`${name} is valid`, () => {
			assert.equal(inHost("", ["verify", "--man=no"], instance(name)).stderr, "");
		});
	}

	for (const [name, most] of Object.entries(MOST_EXPOSURE)) {
		test(`${name} does not become weaker`, () => {
			const line = ["security", "--offline=yes", `--threshold=${most}`];
			const { status, stdout } = inHost("", line, instance(name));
			assert.equal(status, 0, stdout);
		});
	}

	test("no guard is root, nor has CAP_CHOWN, which is root by /proc/1/root", () => {
		for (const text of [
			read("sandbox.conf"),
			...readdirSync(join(ROOT, "systemd/drop-ins")).map((name) => read(`drop-ins/${name}`)),
		]) {
			assert.doesNotMatch(text, /^(User=root|.*Cap\w*=.*CAP_(CHOWN|SYS_ADMIN|SETUID|DAC_OVERRIDE|FOWNER))/m);
		}
		assert.match(read("sandbox.conf"), /^User=mosh-portguard$/m);
	});

	test("the examples are valid beside it", () => {
		for (const name of readdirSync(join(ROOT, "examples")).filter((file) =>
			/\.(service|timer)$/.test(file),
		)) {
			assert.equal(inHost("", ["verify", "--man=no"], name).stderr, "", name);
		}
	});

	/** `systemd-analyze` looks at the unit under a root of its own, where its commands exist. */
	function inHost(dropIn: string, args: string[], name = "mosh-portguard.service") {
		const host = scratchFolder();
		const put = (path: string, text: string, mode = 0o644) => {
			mkdirSync(join(host, dirname(path)), { recursive: true });
			writeFileSync(join(host, path), text);
			chmodSync(join(host, path), mode);
		};
		for (const file of UNITS) {
			put(`etc/systemd/system/${file}`, read(file));
		}
		for (const guard of GUARDS) {
			put(`etc/systemd/system/${guard}.service.d/sandbox.conf`, read("sandbox.conf"));
		}
		for (const target of [
			"sysinit",
			"basic",
			"shutdown",
			"multi-user",
			"timers",
			"time-set",
			"time-sync",
			"paths",
			"sockets",
		]) {
			put(`etc/systemd/system/${target}.target`, "[Unit]\n");
		}
		for (const file of readdirSync(join(ROOT, "examples"))) {
			put(`etc/systemd/system/${file}`, readFileSync(join(ROOT, "examples", file), "utf8"));
		}
		const ours = ["guard", "setup", "await-ready", "ufw-helper"].map(
			(name) => `/usr/lib/mosh-portguard/${name}`,
		);
		const commands = ["/usr/bin/mosh-portguard", ...ours, "/bin/kill", "/bin/sh"];
		for (const command of commands) {
			put(command, "#!/bin/sh\n", 0o755);
		}
		if (dropIn !== "") {
			const text = readFileSync(join(ROOT, dropIn), "utf8");
			put(`etc/systemd/system/mosh-portguard.service.d/${basename(dropIn)}`, text);
		}
		const line = [...args, "--root", host, name];
		return spawnSync("systemd-analyze", line, {
			encoding: "utf8",
			env: { ...process.env, SYSTEMD_LOG_LEVEL: "warning" },
		});
	}
});

test("the units treat the exit codes as they are defined", () => {
	const { alreadyRunning, badConfig, firewallExchanged } = EXIT;
	assert.match(read("mosh-portguard.service"), new RegExp(`^RestartPreventExitStatus=${badConfig}$`, "m"));
	const onDemand = read("mosh-portguard-ondemand.service");
	assert.match(onDemand, new RegExp(`^RestartPreventExitStatus=${alreadyRunning} ${badConfig}$`, "m"));
	assert.match(onDemand, new RegExp(`^SuccessExitStatus=${alreadyRunning}$`, "m"));
	assert.match(read("sandbox.conf"), new RegExp(`^RestartForceExitStatus=${firewallExchanged}$`, "m"));
});

for (const name of [...UNITS, "sandbox.conf"]) {
	test(`every directive of ${name} has a reason above it, alone or with its group`, () => {
		const groups = read(name)
			.split("\n\n")
			.flatMap((part) => part.split(/\n(?=#)/));
		for (const group of groups) {
			const directives = group.match(/^[A-Z]\w+=.*$/gm) ?? [];
			const obvious = /^(Description|Documentation|WantedBy|ExecStart|ExecReload|TimeoutStartSec)=/;
			if (directives.every((line) => obvious.test(line))) {
				continue;
			}
			assert.match(group, /^#/m, `no reason for ${directives[0]}`);
		}
	});
}

describe("the sudoers file", { skip: needsTools("visudo") }, () => {
	const file = join(ROOT, "sudoers.d/mosh-portguard-hook");

	test("is valid", () => {
		execFileSync("visudo", ["-cf", file], { env: { PATH: "/usr/sbin:/usr/bin" }, stdio: "ignore" });
	});

	test("allows one sh program without arguments, as root, and no environment", () => {
		const text = readFileSync(file, "utf8").replaceAll(/^#.*\n/gm, "");
		assert.deepEqual(text.trim().split("\n"), [
			'Cmnd_Alias MOSH_PORTGUARD_HOOK = /usr/lib/mosh-portguard/login-hook ""',
			"Defaults!MOSH_PORTGUARD_HOOK env_reset",
			"ALL ALL=(root:root) NOPASSWD: NOSETENV: MOSH_PORTGUARD_HOOK",
		]);
	});
});
