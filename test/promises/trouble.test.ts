/** A guard whose tools are missing or whose disks are full: it says so, closes nothing that is wanted, and recovers. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/exit-codes.js";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { ufwSubject } from "../firewall/ufw/subject.js";
import { SERVER4, SERVER6 } from "../lab/hosts.js";
import { until } from "../support/wait.js";
import { AMPLE, GuardedHost, skipReason } from "./guarded-host.js";
import type { StockSessions } from "./stock-sessions.js";

const FIRST = { address: SERVER4, port: 60020 };
const SECOND = { address: SERVER6, port: 60021 };

/** Longer than a server takes to answer when its port is open. */
const UNANSWERED_MS = 500;

const failure = (host: GuardedHost) =>
	until("the problem is told", async () =>
		(await host.installed.status()).problems.find(({ code }) => code === "firewall-failed"),
	);

const allReached = (sessions: StockSessions) =>
	until("all are open", async () => (await sessions.unreached(sessions.live, UNANSWERED_MS)).length === 0);

describe("a guard in trouble", { concurrency: 1 }, async () => {
	const iptables = iptablesSubject("nft");
	const skip = await skipReason(...iptables.tools);
	let host: GuardedHost;
	before(async () => {
		if (skip) return;
		host = await GuardedHost.create(iptables);
		await host.sessions.start([FIRST]);
		await host.start();
		await host.exactlyRight();
	});
	after(() => host?.remove());

	test("with a tool missing names it", { skip }, async () => {
		const { sessions, installed, lab } = host;
		// Every command of iptables over nf_tables is a link to this one.
		await lab.server.sh("mount --bind /dev/null /usr/sbin/xtables-nft-multi");
		const second = await sessions.start([SECOND]);
		const { message } = await failure(host);
		assert.match(message, /The command ip6?tables-nft-\w+ (is not installed|could not be started)/);
		assert.deepEqual(await sessions.unreached(sessions.live, UNANSWERED_MS), second);
		await lab.server.sh("umount /usr/sbin/xtables-nft-multi");
		await host.exactlyRight();
		assert.deepEqual(await sessions.unreached(sessions.live), []);
		await until("it says so", () => installed.log.includes("firewall.recovered"));
		assert.deepEqual((await installed.status()).problems, []);
	});

	test("that finds no room for its folder names it", { skip }, async () => {
		const { sessions, installed, lab } = host;
		await installed.stopDaemon("SIGKILL");
		await lab.server.sh(`
			rm -rf /run/mosh-portguard
			mount -o remount,nr_inodes=$(df --output=iused /run | tail -n 1) /run
		`);
		const { code, stderr } = await installed.portguard("daemon");
		assert.equal(code, EXIT.failed);
		assert.match(stderr, /^mosh-portguard: cannot make \/run\/mosh-portguard: .*no space left/im);
		assert.deepEqual(await sessions.unreached(sessions.live), []);
		await lab.server.sh("mount -o remount,nr_inodes=10000 /run");
		await host.start();
		await host.exactlyRight();
	});
});

describe("the ufw command on a full disk", { concurrency: 1 }, async () => {
	const skip = await skipReason(...ufwSubject.tools);
	let host: GuardedHost;
	before(async () => {
		if (skip) return;
		host = await GuardedHost.create(ufwSubject);
		host.installed.configure(`${AMPLE}[ufw]\nmode = "command"\n`);
		await host.sessions.start([FIRST]);
		await host.start();
		await allReached(host.sessions);
	});
	after(() => host?.remove());

	test("is named as the cause", { skip }, async () => {
		const { sessions, lab } = host;
		const first = sessions.live;
		await lab.server.sh(`
			cp -a /etc/ufw /run/ufw
			mount -t tmpfs -o size=200k tmpfs /etc/ufw
			cp -a /run/ufw/. /etc/ufw
			cat /dev/zero > /etc/ufw/ballast || true
		`);
		await sessions.start([SECOND]);
		const { message } = await failure(host);
		assert.match(message, /disk is full/);
		assert.deepEqual(await sessions.unreached(first), []);
		await lab.server.sh("rm /etc/ufw/ballast");
		await allReached(sessions);
	});
});
