import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { EXIT } from "../../src/cli/exit-codes.js";
import { needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const UNIT = join(ROOT, "systemd/mosh-portguard.service");
const unit = readFileSync(UNIT, "utf8");
/** systemd-analyze counts in tenths: the unit is at 2.2, and what is promised is 2.5. */
const MOST_EXPOSURE = 25;

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

	test("does not become weaker", () => {
		const { status, stdout } = inHost("", ["security", "--offline=yes", `--threshold=${MOST_EXPOSURE}`]);
		assert.equal(status, 0, stdout);
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
		put("etc/systemd/system/mosh-portguard.service", unit);
		for (const target of ["sysinit", "basic", "shutdown", "multi-user", "timers", "time-set", "time-sync"])
			put(`etc/systemd/system/${target}.target`, "[Unit]\n");
		for (const file of readdirSync(join(ROOT, "examples")))
			put(`etc/systemd/system/${file}`, readFileSync(join(ROOT, "examples", file), "utf8"));
		const commands = ["/usr/bin/mosh-portguard", "/usr/lib/mosh-portguard/setup", "/bin/kill"];
		for (const command of commands) put(command, "#!/bin/sh\n", 0o755);
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

test("the unit treats the exit codes as they are defined", () => {
	assert.match(unit, new RegExp(`^RestartPreventExitStatus=${EXIT.badConfig}$`, "m"));
	assert.match(unit, new RegExp(`^RestartForceExitStatus=${EXIT.firewallExchanged}$`, "m"));
});

test("every directive of the unit has a reason above it, alone or with its group", () => {
	const groups = unit.split("\n\n").flatMap((part) => part.split(/\n(?=#)/));
	for (const group of groups) {
		const directives = group.match(/^[A-Z]\w+=.*$/gm) ?? [];
		const obvious = /^(Description|Documentation|WantedBy|ExecStart|ExecReload|TimeoutStartSec)=/;
		if (directives.every((line) => obvious.test(line))) continue;
		assert.match(group, /^#/m, `no reason for ${directives[0]}`);
	}
});

describe("the sudoers file", { skip: needsTools("visudo") }, () => {
	const file = join(ROOT, "sudoers.d/mosh-portguard");

	test("is valid", () => {
		execFileSync("visudo", ["-cf", file], { env: { PATH: "/usr/sbin:/usr/bin" }, stdio: "ignore" });
	});

	test("allows one command with one word, as root, and no environment", () => {
		const text = readFileSync(file, "utf8").replaceAll(/^#.*\n/gm, "");
		assert.deepEqual(text.trim().split("\n"), [
			"Cmnd_Alias MOSH_PORTGUARD_HOOK = /usr/bin/mosh-portguard hook",
			"Defaults!MOSH_PORTGUARD_HOOK env_reset, !setenv",
			"ALL ALL=(root:root) NOPASSWD: MOSH_PORTGUARD_HOOK",
		]);
	});
});
