/** Users and programs as they are on hosts that are not the usual ones, with the installed command and a firewall that drops. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { SERVER4 } from "../lab/hosts.js";
import { ended } from "../support/processes.js";
import { Installed } from "./installed.js";

const needed = ["/usr/bin/mosh-server", "/usr/sbin/iptables", "/usr/bin/unshare", "/usr/bin/nsenter"];
const missing = needed.filter((path) => !existsSync(path));
const skip = process.geteuid?.() !== 0 ? "needs root" : missing.length > 0 && `needs ${missing.join(", ")}`;

const STORE = "/opt/store/0a1b-mosh-1.4.0/bin";
/** A getent in the place of the host's: it answers from /opt/accounts, where `fails` and `hangs` are files. */
const GETENT = `#!/bin/sh
[ ! -e /opt/hangs ] || exec sleep 600
[ ! -e /opt/fails ] || exit 1
[ "$2" ] || exit 0
grep -F -- "$1 $2:" /opt/accounts | cut -d" " -f2- | grep . || exit 2
`;

describe("users and programs", { skip }, () => {
	let host: Installed;
	const pids: number[] = [];

	before(async () => {
		host = await Installed.create();
		await host.lab.server.sh(`
			mount -t tmpfs -o mode=755 none /opt
			mkdir -p ${STORE}; cp /usr/bin/mosh-server ${STORE}
			cat >/opt/getent <<'G'\n${GETENT}G
			chmod 755 /opt/getent; mount --bind /opt/getent /usr/bin/getent
			: >/opt/accounts
		`);
	});
	after(() => host?.remove());
	afterEach(async () => {
		for (const pid of pids.splice(0)) {
			process.kill(pid);
			await ended(pid, "a server");
		}
		await host.stopDaemon();
		await host.lab.server.sh("rm -f /opt/hangs /opt/fails; chmod 755 /opt /opt/store; : >/opt/accounts");
		host.configure("");
	});

	const serve = async (port: number, prefix: string[] = []) => {
		pids.push(await host.moshServer(SERVER4, port, prefix));
	};
	const fromStore = ["env", `PATH=${STORE}:/usr/bin:/bin`];
	const isOpen = async (port: number) => (await host.rules()).includes(`--dport ${port} `);
	const explain = async (port: number) => (await host.portguard("explain", String(port))).stdout;

	test("a mosh-server elsewhere is told as such in status, explain, doctor and log, and its line makes it work", async () => {
		await host.startDaemon();
		await serve(60001, fromStore);
		await host.until(async () => (await host.status()).ports[0]?.code === "unlisted-server");
		const said = await explain(60001);
		assert.match(said, /mosh-server that the configuration does not list/);
		assert.doesNotMatch(said, /no mosh-server holds/);
		const { code, stdout } = await host.portguard("doctor");
		assert.equal(code, EXIT.problems);
		assert.match(stdout, /BAD {3}sessions: refused: .*mosh-1\.4\.0/);
		await host.until(() => /"event":"port\.refused".*unlisted-server/.test(host.log));
		assert.equal(await isOpen(60001), false);
		host.configure(`${/servers\.executables = \[.*?\]/.exec(said)?.[0]}\n`);
		assert.equal((await host.portguard("check-config")).code, EXIT.ok);
		host.signal("SIGHUP");
		await host.until(() => isOpen(60001));
	});

	test("a pattern lists it while all folders above are root's alone", async () => {
		host.configure('servers.executables = ["/opt/store/*/bin/mosh-server"]\n');
		await host.startDaemon();
		await serve(60001, fromStore);
		await host.until(() => isOpen(60001));
		await host.lab.server.sh("chmod 757 /opt");
		await host.portguard("sync");
		await host.until(async () => (await host.status()).ports[0]?.code === "executable-writable");
		assert.equal(await isOpen(60001), false);
		await host.lab.server.sh("chmod 755 /opt; chmod 1777 /opt/store");
		await host.portguard("sync");
		await host.until(() => isOpen(60001));
	});

	test("a name service that hangs keeps no guard from starting, nor its commands from answering", async () => {
		await host.lab.server.sh(": >/opt/hangs");
		host.configure('users.allow = ["0", "CORP\\\\alice"]\n');
		const began = Date.now();
		await host.startDaemon();
		await serve(60001);
		await host.until(() => isOpen(60001));
		assert.ok(Date.now() - began < 60_000, `${Date.now() - began} ms`);
		const asked = Date.now();
		const { stdout } = await host.portguard("status");
		assert.match(stdout, /^problem +unknown-names: .*user CORP\\alice/m);
		assert.ok(Date.now() - asked < 60_000, `${Date.now() - asked} ms`);
		await host.stopDaemon();
	});

	test("names of a directory are applied once it tells them, without a reload", async () => {
		host.configure(`users.allow = ["CORP\\\\alice", "jürgen"]\ngroups.deny = ["domain users@corp"]\n`);
		await host.lab.server.sh(": >/opt/fails");
		await host.startDaemon();
		await serve(60001);
		await host.until(async () => (await host.status()).ports[0]?.code === "user-not-allowed");
		await host.lab.server.sh(`rm /opt/fails
			printf '%s\\n' 'passwd CORP\\alice:x:0:0::/root:/bin/sh' >/opt/accounts; echo 'group domain users@corp:x:6001:' >>/opt/accounts`);
		await host.until(() => isOpen(60001));
		const { problems } = await host.status();
		assert.match(problems[0]?.message ?? "", /: user jürgen;/);
		assert.match(host.log, /"event":"names\.unknown"/);
	});

	test("a denied group that is unknown at the start is denied once known, and nobody slips in before", async () => {
		host.configure('groups.deny = ["contractors"]\n');
		await host.startDaemon();
		await serve(60001);
		await serve(60002, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
		await host.until(async () => (await host.status()).ports.length === 2);
		const codes = (await host.status()).ports.map(({ code }) => code);
		assert.deepEqual(codes, ["denial-unknown", "denial-unknown"]);
		assert.match(await explain(60001), /group contractors/);
		await host.lab.server.sh("echo 'group contractors:x:65534:' >/opt/accounts");
		await host.until(() => isOpen(60001));
		assert.equal((await host.status()).ports[1]?.code, "user-not-allowed");
		assert.equal(await isOpen(60002), false);
	});
});
