/** `hooks.on_change` with the daemon as it is installed, on a lab host. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { Installed } from "../cli/installed.js";
import { labMissing, SERVER4, SERVER6 } from "../lab/hosts.js";

const EXAMPLE = new URL("../../examples/on-change-files", import.meta.url);
const HOOK = "/etc/mosh-portguard/on-change";
const missing = await labMissing("mosh-server", "iptables");

describe("the daemon with a program to tell of open ports", { skip: missing ?? false }, () => {
	let host: Installed;
	before(async () => {
		host = await Installed.create();
		host.configure(`[hooks]\non_change = "${HOOK}"\n`);
		writeFileSync(host.lab.server.path(HOOK), readFileSync(EXAMPLE), { mode: 0o755 });
	});
	after(() => host?.remove());

	const told = () => {
		const folder = host.lab.server.path("/run/mosh-portguard/open");
		return existsSync(folder) ? readdirSync(folder).sort().join(", ") : undefined;
	};

	test("tells of each port that opens and closes, and of the end", async () => {
		assert.doesNotMatch((await host.portguard("check-config")).stdout, /warning/);
		await host.startDaemon();
		await host.until(() => told() === "");
		const first = await host.moshServer(SERVER4, 60001, ["setpriv", "--reuid=65534", "--clear-groups"]);
		const second = await host.moshServer(SERVER6, 60001);
		await host.until(() => told() === `ipv4 ${SERVER4} 60001, ipv6 ${SERVER6} 60001`);
		const uid = host.lab.server.path(`/run/mosh-portguard/open/ipv4 ${SERVER4} 60001`);
		assert.equal(readFileSync(uid, "utf8"), "65534\n");
		process.kill(first, "SIGKILL");
		await host.until(() => told() === `ipv6 ${SERVER6} 60001`);
		await host.stopDaemon();
		assert.equal(told(), "");
		process.kill(second, "SIGKILL");
		assert.doesNotMatch(host.log, /hook\.failed/);
	});

	test("opens ports all the same when the program fails or is not root's alone", async () => {
		await host.lab.server.sh(`chmod 777 ${HOOK}`);
		const { stdout, code } = await host.portguard("check-config");
		assert.equal(code, EXIT.ok);
		assert.match(stdout, /warning: hooks\.on_change will not be run: .*writable by users other/);
		await host.startDaemon();
		const pid = await host.moshServer(SERVER4, 60002);
		await host.until(async () => (await host.rules()).includes("--dport 60002"));
		await host.until(() => host.log.includes('"call":"open ipv4'));
		assert.match(host.log, /"event":"hook\.failed".*is writable by users other than root/);
		process.kill(pid, "SIGKILL");
		await host.stopDaemon();
	});
});
