/** The rule for the login hook as sudo obeys it, whatever the host's own defaults, and as sudo-rs reads it where that is installed. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { findTool, needsRoot, needsTools } from "../support/requirements.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const RULE = `${ROOT}sudoers.d/mosh-portguard-hook`;

/** `defaults`: a line of the host's sudoers. What nobody's calls print; 1: refused. */
function calls(sudo: string, defaults = ""): string {
	const script = `
		mount -t tmpfs none /mnt; mkdir -p /mnt/up /mnt/work /mnt/etc /mnt/work-etc
		mount -t overlay none -o lowerdir=/usr/lib,upperdir=/mnt/up,workdir=/mnt/work /usr/lib || exit 99
		mount -t overlay none -o lowerdir=/etc,upperdir=/mnt/etc,workdir=/mnt/work-etc /etc || exit 99
		mkdir -p /usr/lib/mosh-portguard
		printf '#!/bin/sh -p\\necho "$(id -u) \${EVIL-clean}"\\n' >/usr/lib/mosh-portguard/login-hook
		chmod 755 /usr/lib/mosh-portguard/login-hook
		rm -f /etc/sudoers.d/*; install -m 440 ${RULE} /etc/sudoers.d/
		printf '%s\\n' '${defaults}' >/etc/sudoers.d/00-host; chmod 440 /etc/sudoers.d/00-host
		echo "127.0.0.1 localhost $(uname -n)" >/etc/hosts
		hook=/usr/lib/mosh-portguard/login-hook
		as_nobody() { EVIL=1 setpriv --reuid=65534 --regid=65534 --clear-groups ${sudo} -n "$@" 2>/mnt/error || echo 1; }
		as_nobody $hook; cat /mnt/error
		as_nobody EVIL=2 $hook; as_nobody $hook argument; as_nobody -u daemon $hook; as_nobody /usr/bin/id`;
	const { stdout, stderr } = spawnSync(
		"unshare",
		["--mount", "--propagation", "private", "sh", "-c", script],
		{ encoding: "utf8", env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: "C" } },
	);
	assert.equal(stderr, "");
	return stdout;
}

const EXPECTED = "0 clean\n1\n1\n1\n1\n";

describe("the sudo rule", { skip: needsRoot() || needsTools("sudo", "unshare", "setpriv") }, () => {
	for (const defaults of ["", "Defaults setenv", "Defaults:nobody setenv", "Defaults !env_reset"]) {
		test(`lets a user run the hook, and nothing beside it${defaults === "" ? "" : `, with ${defaults}`}`, () =>
			assert.equal(calls("sudo", defaults), EXPECTED));
	}

	test("has no word of which sudo-rs complains", { skip: needsTools("sudo-rs", "visudo-rs") }, () => {
		assert.equal(calls("sudo-rs"), EXPECTED);
		const { status, stderr } = spawnSync(findTool("visudo-rs") as string, ["-c", "-f", RULE], {
			encoding: "utf8",
		});
		assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
	});
});
