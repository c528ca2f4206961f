/** A guard whose tools are missing or whose disks are full: it reports that, keeps needed ports open, and recovers. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { SERVER4, SERVER6 } from "../lab/hosts.js";
import { until } from "../support/wait.js";
import { GuardedHost, skipReason } from "./guarded-host.js";

const FIRST = { address: SERVER4, port: 60020 };
const SECOND = { address: SERVER6, port: 60021 };
const THIRD = { address: SERVER4, port: 60022 };
const FOURTH = { address: SERVER6, port: 60023 };

/** Longer than a server takes to answer when its port is open. */
const UNANSWERED_MS = 500;

const failure = (host: GuardedHost) =>
	until(
		"the problem is told",
		async () => (await host.installed.status()).problems.find(({ code }) => code === "firewall-failed"),
		{ explain: () => host.installed.log },
	);

describe("a guard in trouble", { concurrency: 1 }, async () => {
	const iptables = iptablesSubject("nft");
	const skip = await skipReason(...iptables.tools);
	let host: GuardedHost;
	before(async () => {
		if (skip) {
			return;
		}
		host = await GuardedHost.create(iptables);
		await host.sessions.start([FIRST]);
		await host.start();
		await host.exactlyRight();
		assert.deepEqual(await host.sessions.unreached(host.sessions.live), []);
	});
	after(() => host?.remove());

	test("with a tool missing names it", { skip }, async () => {
		const { sessions, installed, lab } = host;
		// Every command of iptables over nf_tables is a link to this one.
		await lab.server.sh("mount --bind /dev/null /usr/sbin/xtables-nft-multi");
		try {
			// The command that was started ahead may still do its work; the next one cannot be started.
			await sessions.start([SECOND]);
			await until(
				"it is open or missed",
				async () =>
					(await sessions.unanswered(sessions.live, UNANSWERED_MS)).length === 0 ||
					installed.log.includes("firewall.failed"),
			);
			await sessions.start([FOURTH]);
			const { message } = await failure(host);
			assert.match(message, /The command ip6?tables-nft-\w+ (is not installed|could not be started)/);
			const shut = (await sessions.unanswered(sessions.live, UNANSWERED_MS)).map(({ port }) => port);
			assert.ok(shut.includes(FOURTH.port));
			const first = sessions.live.filter(({ port }) => port === FIRST.port);
			assert.deepEqual(await sessions.unreached(first), []);
		} finally {
			await lab.server.sh("umount /usr/sbin/xtables-nft-multi");
		}
		await host.exactlyRight();
		assert.deepEqual(await sessions.unreached(sessions.live), []);
		await until("it says so", () => installed.log.includes("firewall.recovered"));
		// A look for other firewalls that fell into that time is repeated a little later.
		await until("nothing is wrong", async () => (await installed.status()).problems.length === 0);
	});

	test("that finds no room for its folder names it", { skip }, async () => {
		const { sessions, installed, lab } = host;
		await installed.stopDaemon("SIGKILL");
		await lab.server.sh("mount -t tmpfs -o nr_inodes=1 tmpfs /run");
		try {
			const { code, stderr } = await installed.portguard("daemon");
			assert.equal(code, EXIT.failed);
			assert.match(stderr, /^mosh-portguard: cannot create \/run\/mosh-portguard: .*no space left/im);
			assert.deepEqual(await sessions.unreached(sessions.live), []);
		} finally {
			await lab.server.sh("umount /run");
		}
		await host.start();
		await host.exactlyRight();
	});

	test("with a full disk goes on: what it opens and closes needs none", { skip }, async () => {
		const { sessions, installed, lab } = host;
		// Full for us, and still there for the lab.
		await lab.server.sh(
			"mount -t tmpfs -o nr_inodes=1 tmpfs /tmp; mount -t tmpfs -o nr_inodes=1 tmpfs /var/log",
		);
		const [gone, gone2] = sessions.live;
		await sessions.start([THIRD]);
		await host.exactlyRight();
		sessions.kill([gone, gone2].flatMap((session) => session ?? []));
		await host.exactlyRight();
		assert.deepEqual(await sessions.unreached(sessions.live), []);
		await lab.server.sh("umount /tmp /var/log");
		assert.doesNotMatch(installed.log, /"level":"error".*flows|listener.failed/);
	});
});
