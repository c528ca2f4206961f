/** systemd/setup in a mount namespace of its own, with a systemctl that writes down what it is asked. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { needsRoot, needsTools } from "../support/requirements.js";

const ROOT = new URL("../..", import.meta.url).pathname;

/** `overlay FOLDER`: its own from here on, with what it held. */
const PREPARE = `
set -e
mount -t tmpfs none /mnt
overlay() {
	mkdir -p "/mnt/up$1" "/mnt/work$1"
	mount -t overlay none -o "lowerdir=$1,upperdir=/mnt/up$1,workdir=/mnt/work$1" "$1"
}
overlay /etc; overlay /usr/lib; overlay /usr/share; overlay /srv
mount -t tmpfs none /run
mkdir -p /run/systemd/system /mnt/bin /etc/mosh-portguard/config.d /usr/lib/mosh-portguard /srv/mosh/bin
echo 'echo "$*" >>/mnt/calls' >/mnt/bin/systemctl; chmod 755 /mnt/bin/systemctl; : >/mnt/calls
cp /bin/true /srv/mosh/bin/mosh-server; chmod 755 /srv /srv/mosh /srv/mosh/bin
printf '#!/bin/sh\\necho ran >>/mnt/guard-calls\\nexec ${process.execPath} --import tsx ${ROOT}src/cli/main.ts "$@"\\n' >/usr/lib/mosh-portguard/guard
chmod 755 /usr/lib/mosh-portguard/guard; : >/mnt/guard-calls
PATH=/mnt/bin:$PATH
cd ${ROOT}
setup() { sh systemd/setup "$@"; }
`;

function onHost(script: string): string {
	const { status, stdout, stderr } = spawnSync(
		"unshare",
		["--mount", "--net", "--propagation", "private", "sh", "-c", PREPARE + script],
		{ encoding: "utf8" },
	);
	assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
	return stdout;
}

const CONFIGURE_UFW = `printf '[ufw]\\nmode = "command"\\n' >/etc/mosh-portguard/config.toml\n`;
const CONFIGURE_SRV = `printf '[servers]\\nexecutables = ["/usr/bin/mosh-server",\\n  "/srv/mosh/bin/mosh-server"]\\n' >/etc/mosh-portguard/config.toml\n`;

describe("setup", { skip: needsRoot() || needsTools("unshare") }, () => {
	test("selects a drop-in in /etc, which the next boot finds", () => {
		const out = onHost(
			`${CONFIGURE_UFW} setup; ls /etc/systemd/system/mosh-portguard.service.d; ls /run/systemd/system; cat /mnt/calls`,
		);
		assert.equal(out, "10-ufw-command.conf\ndaemon-reload\nstart mosh-portguard-ufw.socket\n");
	});

	test("selects it in /run where /etc is read-only, once, and takes it away there", () => {
		const out = onHost(`${CONFIGURE_UFW}
			mount -o remount,ro,bind /etc
			setup; setup
			ls /run/systemd/system/*.d; cat /mnt/calls
			setup --remove
			ls /run/systemd/system`);
		assert.equal(
			out,
			[
				"/run/systemd/system/mosh-portguard-ondemand.service.d:",
				"10-ufw-command.conf",
				"",
				"/run/systemd/system/mosh-portguard.service.d:",
				"10-ufw-command.conf",
				"daemon-reload",
				"start mosh-portguard-ufw.socket",
				"start mosh-portguard-ufw.socket",
				"",
			].join("\n"),
		);
	});

	test("is content with what a read-only /etc has already", () => {
		const out = onHost(
			`${CONFIGURE_UFW} setup; mount -o remount,ro,bind /etc; setup; ls /run/systemd/system`,
		);
		assert.equal(out, "");
	});

	test("shows the service a server that the sandbox hides, anew when that changes, and hides it when it is gone", () => {
		const file = "/run/systemd/system/mosh-portguard.service.d/servers.conf";
		const out = onHost(`${CONFIGURE_SRV} setup; setup
			grep -h Bind /run/systemd/system/*.d/servers.conf
			grep -c daemon-reload /mnt/calls
			/usr/lib/mosh-portguard/guard check-config
			: >/etc/mosh-portguard/config.toml
			setup; [ ! -e ${file} ]; grep -c daemon-reload /mnt/calls`);
		assert.equal(
			out,
			[
				"BindReadOnlyPaths=-/srv/mosh/bin",
				"BindReadOnlyPaths=-/srv/mosh/bin",
				"1",
				"/etc/mosh-portguard/config.toml: valid",
				"2",
				"",
			].join("\n"),
		);
	});

	test("is told by check-config of what is hidden, until it is shown, and of what never is", () => {
		const out = onHost(`${CONFIGURE_SRV} /usr/lib/mosh-portguard/guard check-config
			chmod 775 /srv/mosh; /usr/lib/mosh-portguard/guard check-config; setup; ls /run/systemd/system`);
		assert.match(out, /below \/srv, which the service hides; its next start shows it \/srv\/mosh\/bin/);
		assert.match(
			out,
			/which the service hides, and is below \/srv\/mosh, which is writable by users other than root/,
		);
	});

	test("starts no command where nothing hidden is named, not even in a comment", () => {
		const out = onHost(
			`printf '#executables = ["/srv/x"]\\n' >/etc/mosh-portguard/config.toml; setup; cat /mnt/guard-calls`,
		);
		assert.equal(out, "");
	});

	test("leaves a configuration with a mistake to the guard", () => {
		const out = onHost(
			`printf 'executables = ["/srv/x/mosh-server"\\n' >/etc/mosh-portguard/config.toml; setup; ls /run/systemd/system`,
		);
		assert.equal(out, "");
	});
});
