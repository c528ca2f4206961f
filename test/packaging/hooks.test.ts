/** The login hooks in the shells that read them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { needsRoot, needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const HOOKS = new URL("../../hooks", import.meta.url).pathname;
const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** fish makes folders in its user's. */
const home = scratchFolder();

for (const shell of SHELLS) {
	const skip = needsTools(shell, "unshare") || needsRoot();
	describe(`the login hook for ${shell}`, { skip }, () => {
		const source = `. ${HOOKS}/mosh-portguard.${shell}`;

		test("starts no process when there is nothing to do", () => {
			for (const ssh of [true, false]) {
				assert.equal(nextPid(shell, `${source}; `, ssh), nextPid(shell, "", ssh));
			}
		});

		test("is silent and harmless where nothing is installed", () => {
			const { status, stdout, stderr } = run(shell, `${source}; echo mosh-server`, true);
			assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "mosh-server\n", stderr: "" });
		});

		test("calls sudo once for a mosh login, and for nothing else", () => {
			const folder = scratchFolder();
			const calls = join(folder, "calls");
			const fake = join(folder, "sudo");
			writeFileSync(fake, `#!/bin/sh\necho "$*" >>${calls}\nexit 1\n`);
			chmodSync(fake, 0o755);
			const called = (command: string, ssh = true, guard: "none" | "daemon" | "watcher" = "none") => {
				writeFileSync(calls, "");
				const prepare = `mount -t tmpfs none /run
					${guard !== "none" ? "mkdir /run/mosh-portguard; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"/run/mosh-portguard/guard.sock\")'" : ""}
					${guard === "watcher" ? ": >/run/mosh-portguard/watcher" : ""}
					[ -e /usr/bin/sudo ] || exit 99
					mount --bind ${fake} /usr/bin/sudo
					mount -t tmpfs none /mnt
					mkdir /mnt/up /mnt/work; mount -t overlay none -o lowerdir=/usr/bin,upperdir=/mnt/up,workdir=/mnt/work /usr/bin 2>/dev/null
					cp ${fake} /usr/bin/sudo
					mkdir /mnt/up2 /mnt/work2; mount -t overlay none -o lowerdir=/usr/lib,upperdir=/mnt/up2,workdir=/mnt/work2 /usr/lib
					mkdir -p /usr/lib/mosh-portguard; cp /bin/true /usr/lib/mosh-portguard/login-hook`;
				const { status, stderr } = run(shell, `${source}; true # ${command}`, ssh, prepare);
				assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
				return readFileSync(calls, "utf8");
			};
			assert.equal(called("mosh-server new -s"), "-n /usr/lib/mosh-portguard/login-hook\n");
			assert.equal(called("scp -t /tmp"), "");
			assert.equal(called("mosh-server new -s", false), "");
			assert.equal(called("mosh-server new -s", true, "daemon"), "");
			assert.equal(called("mosh-server new -s", true, "watcher"), "-n /usr/lib/mosh-portguard/login-hook\n");
		});
	});
}

function run(shell: Shell, script: string, ssh: boolean, prepare = "true") {
	const inner = ssh ? "SSH_CONNECTION='192.0.2.1 1 192.0.2.2 22'" : "";
	const line = [`${prepare}\nenv HOME=${home} ${inner} ${shell} -c "$0"`, script];
	return spawnSync("unshare", ["--mount", "--propagation", "private", "sh", "-c", ...line], {
		encoding: "utf8",
	});
}

/** The kernel numbers processes in turn: what a new one is called says how many there were before. */
function nextPid(shell: Shell, before: string, ssh: boolean): string {
	const environment = [`HOME=${home}`, ...(ssh ? ["SSH_CONNECTION=192.0.2.1 1 192.0.2.2 22"] : [])];
	const script = `${before}sh -c 'echo $$'; true # mosh-server`;
	const line = ["--pid", "--fork", "--mount-proc", "env", ...environment, shell, "-c", script];
	const { stdout, stderr } = spawnSync("unshare", line, { encoding: "utf8" });
	assert.equal(stderr, "");
	return stdout;
}
