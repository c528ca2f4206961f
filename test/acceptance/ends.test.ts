/** How guards stop and start: by SIGTERM, at a reboot, and several at once. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { ADMIN_OPEN } from "../firewall/conformance.js";
import { labFirewalld } from "../firewall/firewalld/subject.js";
import { type Lab, SERVER4, SERVER6, startLab } from "../lab/hosts.js";
import { unlessFull } from "../support/extent.js";
import { until } from "../support/wait.js";
import { GuardedHost, skipReason, subjects } from "./guarded-host.js";

const FIRST = { address: SERVER4, port: 60020 };
const SECOND = { address: SERVER6, port: 60021 };

/** Longer than a server takes to answer when its port is open. */
const UNANSWERED_MS = 500;

/** Names of the files of the host's configuration and state that speak of us or of these ports. */
function mentions({ server }: Lab): Promise<string> {
	return server.sh(`
		grep -rIl --exclude-dir=mosh-portguard -e portguard -e 6002[01] -e 'priority="32000"' /etc /var/lib || true
	`);
}

/** Puts in force, on a host that has just begun, what the other one saved; the others save nothing by themselves. */
const REBOOT: Readonly<Record<string, (lab: Lab) => Promise<unknown>>> = {
	ufw: (lab) => lab.server.sh("/lib/ufw/ufw-init start"),
	firewalld: (lab) => labFirewalld(lab).start(),
};

describe("the end of a guard", { concurrency: 3 }, () => {
	for (const subject of subjects) {
		describe(subject.name, { concurrency: 1 }, async () => {
			const isLeftOut = unlessFull(subject.name === "iptables-legacy");
			const skip = (await skipReason(...subject.tools)) || isLeftOut;
			const reboot = REBOOT[subject.name];
			let host: GuardedHost;
			let pristine: string;
			let mentioned: string;
			before(async () => {
				if (skip) {
					return;
				}
				host = await GuardedHost.create(subject);
				[pristine, mentioned] = await Promise.all([host.listing(), mentions(host.lab)]);
				await host.sessions.start([FIRST, SECOND]);
				await host.start();
				await host.exactlyRight();
				assert.deepEqual(await host.sessions.unreached(host.sessions.live), []);
			});
			after(() => host?.remove());

			test("nothing of ours is in any file while sessions live", { skip }, async () => {
				assert.equal(await mentions(host.lab), mentioned);
			});

			if (reboot !== undefined) {
				test("after a reboot nothing is open", { skip }, async () => {
					const next = await startLab();
					try {
						await copySaved(host.lab, next);
						await reboot(next);
						assert.equal(await next.isOpen(SERVER4, ADMIN_OPEN), true);
						for (const { address, port } of [FIRST, SECOND]) {
							assert.equal(await next.isOpen(address, port), false);
						}
					} finally {
						await next.stop();
					}
				});
			}

			test("SIGTERM beside live sessions leaves nothing of ours; the next guard opens them again", {
				skip,
			}, async () => {
				const { sessions } = host;
				assert.equal(await host.stop(), EXIT.ok);
				assert.equal(await host.listing(), pristine);
				assert.deepEqual(await sessions.unanswered(sessions.live, UNANSWERED_MS), sessions.live);
				await host.start();
				await host.exactlyRight();
				assert.deepEqual(await sessions.unreached(sessions.live), []);
			});

			test("of several started at once one guards, and the others say so", { skip }, async () => {
				const { installed } = host;
				await host.stop();
				const guards = Array.from({ length: 4 }, () => installed.spawn(...installed.command("daemon")));
				const codes: (number | null)[] = [];
				const ends = guards.map(async (guard) => {
					const [code] = (await once(guard, "exit")) as [number | null];
					codes.push(code);
				});
				await until("all but one have given up", () => codes.length === guards.length - 1);
				assert.deepEqual(codes, Array(guards.length - 1).fill(EXIT.alreadyRunning));
				await host.exactlyRight();
				guards.find(({ exitCode }) => exitCode === null)?.kill("SIGTERM");
				await Promise.all(ends);
				assert.equal(codes.at(-1), EXIT.ok);
				assert.equal(await host.listing(), pristine);
			});
		});
	}
});

async function copySaved(from: Lab, to: Lab): Promise<void> {
	const archive = `/tmp/portguard-saved-${from.server.pid}.tar`;
	await from.server.sh(`tar -C / -cf ${archive} etc/ufw etc/default/ufw etc/firewalld`);
	await to.server.sh(`rm -rf /etc/ufw /etc/firewalld; tar -C / -xf ${archive}; rm ${archive}`);
}
