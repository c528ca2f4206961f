/** What starts the guard where systemd does not: each script with the real supervisor and a guard that writes down what befalls it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { findTool, needsRoot, needsTools } from "../support/requirements.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const SCRIPTS = readdirSync(join(ROOT, "init"), { recursive: true, encoding: "utf8" })
	.map((name) => join(ROOT, "init", name))
	.filter((file) => statSync(file).isFile());

/**
 * The pretended guard: `daemon` is ready after a moment, ends orderly by SIGTERM, and by the code in /mnt/code at once.
 * `lasts COMMAND`: whether it is soon so.
 */
const PREPARE = `
mount -t tmpfs none /run
mount -t tmpfs none /mnt
mkdir -p /mnt/up /mnt/work /mnt/etc /mnt/work-etc
mount -t overlay none -o lowerdir=/usr/lib,upperdir=/mnt/up,workdir=/mnt/work /usr/lib || exit 99
mount -t overlay none -o lowerdir=/etc,upperdir=/mnt/etc,workdir=/mnt/work-etc /etc || exit 99
mkdir -p /usr/lib/mosh-portguard /run/mosh-portguard /etc/sv
# Where the product is installed, nothing of it is there.
mount -t tmpfs none /usr/lib/mosh-portguard
cp ${ROOT}hooks/supervise /usr/lib/mosh-portguard
cat >/usr/lib/mosh-portguard/guard <<'G'
#!/bin/sh
echo "$*" >>/mnt/calls
[ "$1" = daemon ] || exit 0
[ ! -s /mnt/code ] || exit "$(cat /mnt/code)"
trap 'echo reloaded >>/mnt/calls' HUP
trap 'rm -f /run/mosh-portguard/ready; echo stopped >>/mnt/calls; exit 0' TERM
sleep 0.2
echo $$ >/run/mosh-portguard/ready
while :; do sleep 0.05; done
G
chmod 755 /usr/lib/mosh-portguard/*
: >/mnt/calls
supervise=/usr/lib/mosh-portguard/supervise
soon() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 100 ] || { echo "never: $*" >&2; return 1; }; sleep 0.1; done; }
calls() { [ "$(grep -c "^$1" /mnt/calls)" = "$2" ]; }
kill_guard() { kill -KILL "$(cat /run/mosh-portguard/ready)"; rm -f /run/mosh-portguard/ready; }
`;

/** In namespaces of its own: nothing outlives the script. */
function onHost(script: string): string {
	const runit =
		findTool("runsv") === undefined ? "" : `PATH=$PATH:${join(findTool("runsv") as string, "..")}\n`;
	const line = [
		"--mount",
		"--pid",
		"--fork",
		"--mount-proc",
		"--kill-child",
		"--propagation",
		"private",
		"sh",
		"-c",
	];
	const { status, stdout, stderr } = spawnSync("unshare", [...line, `${runit}${PREPARE}${script}`], {
		encoding: "utf8",
		timeout: 60_000,
	});
	assert.deepEqual({ status, stderr }, { status: 0, stderr: "" }, stdout);
	return stdout;
}

for (const file of SCRIPTS) {
	test(`init/${file.slice(join(ROOT, "init/").length)} is a script that sh can read`, () => {
		assert.deepEqual(spawnSync("sh", ["-n", file], { encoding: "utf8" }).stderr, "");
		assert.equal(statSync(file).mode & 0o777, 0o755);
		assert.match(readFileSync(file, "utf8"), /^#!(\/bin\/sh|\/sbin\/openrc-run)\n/);
	});
}

const skip = needsRoot() || needsTools("unshare", "flock", "setsid");

describe("the supervisor of a guard that stays", { skip }, () => {
	test("starts one guard only, and ends it orderly", () => {
		const out = onHost(`
			$supervise status; echo $?
			setsid $supervise stay & soon test -s /run/mosh-portguard/ready
			$supervise status; echo $?
			$supervise stay; calls daemon 1 && echo one
			$supervise stop; $supervise status; echo $?
			wait; cat /mnt/calls; ls /run/mosh-portguard-login/guard.pid 2>/dev/null
			$supervise stop; echo $?`);
		assert.equal(out, "3\n0\none\n3\ndaemon\nstopped\n0\n");
	});

	test("removes the rules of one that was killed, and starts another", () => {
		const out = onHost(`
			setsid $supervise stay & soon test -s /run/mosh-portguard/ready
			kill_guard; soon test -s /run/mosh-portguard/ready
			$supervise stop; cat /mnt/calls`);
		assert.equal(out, "daemon\nclear\ndaemon\nstopped\n");
	});

	test("starts one again that failed, for any reason but a mistake in the configuration", () => {
		for (const code of [1, 7, 10]) {
			const out = onHost(`echo ${code} >/mnt/code; setsid $supervise stay & soon calls daemon 2; : >/mnt/code
				soon test -s /run/mosh-portguard/ready; $supervise stop; tail -1 /mnt/calls`);
			assert.equal(out, "stopped\n", String(code));
		}
		assert.equal(onHost(`echo 6 >/mnt/code; $supervise stay; echo $?; cat /mnt/calls`), "6\ndaemon\n");
	});

	test("can be stopped between two tries, and started anew after that", () => {
		const out = onHost(`
			echo 7 >/mnt/code; setsid $supervise stay & soon calls daemon 1
			$supervise stop; $supervise status; echo $?; wait
			: >/mnt/code; : >/mnt/calls; setsid $supervise stay & soon test -s /run/mosh-portguard/ready
			$supervise stop; cat /mnt/calls`);
		assert.equal(out, "3\ndaemon\nstopped\n");
	});

	test("restarts the guard, for an upgrade, and starts none that was not there", () => {
		const out = onHost(`
			$supervise restart; echo $?
			setsid $supervise stay & soon test -s /run/mosh-portguard/ready
			$supervise restart; soon calls daemon 2; soon test -s /run/mosh-portguard/ready
			$supervise stop; $supervise status; echo $?; cat /mnt/calls`);
		assert.equal(out, "0\n3\ndaemon\nstopped\ndaemon\nstopped\n");
	});

	test("hands its caller's environment and limits to no guard", () => {
		const out = onHost(`
			sed -i '3a env >/mnt/env; ulimit -n >/mnt/limit' /usr/lib/mosh-portguard/guard
			(ulimit -S -n 99; EVIL=1 exec setsid $supervise stay) & soon test -s /run/mosh-portguard/ready
			grep -c EVIL /mnt/env; cat /mnt/limit; $supervise stop`);
		assert.equal(out, "0\n16384\n");
	});
});

describe("the script for sysvinit", { skip }, () => {
	const service = `sh ${ROOT}init/sysvinit`;

	test("starts, reloads, restarts, stops, and says how it is", () => {
		const out = onHost(`
			service="${service}"
			$service status; echo $?
			$service start; echo $?; $service start; echo $?; $service status
			$service reload; soon calls reloaded 1
			$service restart; echo $?
			$service stop; echo $?; $service stop; echo $?; $service status; echo $?
			cat /mnt/calls`);
		const parts = [
			"mosh-portguard is not running",
			"3",
			"0",
			"0",
			"mosh-portguard is running",
			"0",
			"0",
			"0",
			"mosh-portguard is not running",
			"3",
			...["daemon", "reloaded", "stopped", "daemon", "stopped"],
		];
		assert.equal(out, `${parts.join("\n")}\n`);
	});

	test("fails where the guard does not start, and is silent once the package is gone", () => {
		assert.equal(onHost(`echo 6 >/mnt/code; ${service} start; echo $?`), "1\n");
		assert.equal(onHost(`rm $supervise; ${service} start; echo $?; ${service} stop; echo $?`), "0\n0\n");
		const { status } = spawnSync("sh", [join(ROOT, "init/sysvinit")], { encoding: "utf8" });
		assert.equal(status, existsHere() ? 2 : 0);
	});

	function existsHere(): boolean {
		return statSync("/usr/lib/mosh-portguard/supervise", { throwIfNoEntry: false }) !== undefined;
	}
});

describe("the folder for runit", { skip: skip || needsTools("runsv", "sv") }, () => {
	const up = `cp -r ${ROOT}init/runit /etc/sv/mosh-portguard; runsv /etc/sv/mosh-portguard & soon test -s /run/mosh-portguard/ready; sv="sv"; s=/etc/sv/mosh-portguard\n`;

	test("starts, reloads, restarts and stops", () => {
		const out = onHost(`${up}
			$sv check $s >/dev/null && echo up
			$sv reload $s >/dev/null; soon calls reloaded 1
			$sv restart $s >/dev/null; soon calls daemon 2; soon test -s /run/mosh-portguard/ready
			$sv down $s >/dev/null; soon calls stopped 2; soon sh -c "! $supervise status"
			sleep 1.5; cat /mnt/calls`);
		assert.equal(out, "up\ndaemon\nreloaded\nstopped\ndaemon\nstopped\n");
	});

	test("removes the rules of a guard that was killed, and of one that is killed on purpose", () => {
		const out = onHost(`${up}
			kill_guard; soon test -s /run/mosh-portguard/ready
			$sv kill $s >/dev/null; soon calls clear 2; soon calls daemon 3
			$sv down $s >/dev/null; soon sh -c "! $supervise status"; cat /mnt/calls`);
		assert.match(out, /^daemon\nclear\ndaemon\nclear\ndaemon\n/);
	});

	test("ends with runsv itself", () => {
		const out = onHost(`${up} $sv exit $s >/dev/null; wait; cat /mnt/calls; $supervise status; echo $?`);
		assert.equal(out, "daemon\nstopped\n3\n");
	});
});
