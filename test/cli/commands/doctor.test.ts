/** On every firewall: `doctor` names the rule that keeps a port shut, in the firewall's own words. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { ADMIN_DENIED } from "../../firewall/conformance.js";
import { labMissing, SERVER4 } from "../../lab/hosts.js";
import { BACKENDS } from "../../latency/backends.js";
import { unlessFull } from "../../support/extent.js";
import { endProcess } from "../../support/processes.js";
import { Installed } from "../installed.js";

interface Row {
	readonly check: string;
	readonly state: "good" | "bad" | "hint";
	readonly says: string;
	readonly remedy?: string;
}

/** The default drop and the administrator's deny, as each firewall lists them. */
const RULES: Readonly<Record<string, { byDefault: RegExp; denied: RegExp }>> = {
	ufw: {
		byDefault: /iptables filter, chain INPUT: policy drop \(IPv4\); ip6tables .*: policy drop \(IPv6\)/,
		denied: /-A ufw-user-input .*--dport 60901 -j DROP/,
	},
	iptables: {
		byDefault: /-A LOGDROP -j DROP \(IPv4\); ip6tables\S* filter: -A LOGDROP -j DROP \(IPv6\)/,
		denied: /-A INPUT .*--dport 60901 -j DROP/,
	},
	nftables: { byDefault: /counter .*drop \(IPv4, IPv6\)/, denied: /udp dport 60901 drop/ },
	firewalld: { byDefault: /zone public: target/, denied: /zone public: rule port port="60901" .*drop/ },
};

const stock = existsSync("/usr/bin/mosh-server") ? undefined : "needs /usr/bin/mosh-server";

describe("doctor", { concurrency: 1 }, async () => {
	for (const backend of BACKENDS) {
		const isLeftOut = unlessFull(!["ufw", "nftables"].includes(backend.name));
		const skip = stock ?? (await labMissing(...backend.tools)) ?? isLeftOut;
		describe(`on ${backend.name}`, { skip }, () => {
			let host: Installed;
			const { byDefault, denied } = RULES[backend.firewall] as (typeof RULES)[string];
			const pids: number[] = [];
			before(async () => {
				host = await Installed.create(backend.setUp);
			});
			after(async () => {
				for (const pid of pids) {
					await endProcess(pid);
				}
				await host?.remove();
			});

			async function finding(name: string): Promise<Row & { code: number | null }> {
				const { stdout, code } = await host.portguard("doctor", "--json");
				const { findings } = JSON.parse(stdout) as { findings: Row[] };
				const found = findings.find(({ check }) => check === name);
				assert.ok(found !== undefined, stdout);
				return { ...found, code };
			}
			const rules = () => finding("rules");

			if (backend === BACKENDS[0]) {
				it("says what host this is, as nobody tells it", async () => {
					const release = await host.lab.server.sh(". /etc/os-release; echo $NAME");
					const { says } = await finding("host");
					assert.ok(says.startsWith(release.trim()), says);
				});
			}

			it("names the default that drops while no session holds a port", async () => {
				const { state, says } = await rules();
				assert.equal(state, "good");
				assert.match(says, /^by default UDP 60001 is dropped: /);
				assert.match(says, byDefault);
			});

			it("names the administrator's deny of the port that the next session would get", async () => {
				host.configure(`[ports]\nfirst = ${ADMIN_DENIED}\n`);
				const { state, says, remedy } = await rules();
				host.configure("");
				assert.equal(state, "bad");
				assert.match(says, denied);
				assert.match(remedy ?? "", /remove or narrow that rule/);
			});

			it("names the default that shuts a session's port when no guard runs", async () => {
				pids.push(await host.moshServer(SERVER4, 60001));
				const { state, says, remedy } = await rules();
				assert.equal(state, "bad");
				assert.match(says, /^10\.77\.0\.1:60001 is closed by the default: /);
				assert.equal(remedy, "start the guard");
			});

			it("finds nothing wrong with a port that the guard has opened", async () => {
				await host.startDaemon();
				await host.until(async () => (await host.status()).ports[0]?.state === "open");
				const { state, code } = await rules();
				assert.equal(state, "good");
				assert.equal(code, EXIT.ok);
			});

			it("names the administrator's deny that stands before the rule of an open port", async () => {
				pids.push(await host.moshServer(SERVER4, ADMIN_DENIED));
				const states = async () => (await host.status()).ports.map(({ port, state }) => `${port} ${state}`);
				await host.until(async () => (await states()).join() === `60001 open,${ADMIN_DENIED} blocked`);
				assert.deepEqual(
					(await host.status()).problems.map(({ code }) => code),
					["port-blocked"],
				);
				const { state, says, code } = await rules();
				assert.equal(code, EXIT.problems);
				assert.equal(state, "bad");
				assert.match(says, /^10\.77\.0\.1:60901 is closed by the administrator's rule: /);
				assert.match(says, denied);
			});
		});
	}
});
