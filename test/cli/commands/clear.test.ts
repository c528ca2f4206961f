/** `clear` after every option that decides where ports are opened, also when the configuration has changed since. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { listIptables, restoreAdminRules } from "../../firewall/iptables/subject.js";
import { listNft, loadRuleset } from "../../firewall/nftables/subject.js";
import { enableUfw, listUfw } from "../../firewall/ufw/subject.js";
import { CONTROL_PORT, type Lab, labMissing, SERVER4 } from "../../lab/hosts.js";
import { unlessFull } from "../../support/extent.js";
import { endProcess } from "../../support/processes.js";
import { Installed } from "../installed.js";

const PORT = 60001;
const INVALID = "[ufw]\nmode = 1\n";

interface Case {
	readonly name: string;
	/** The configuration under which the port is opened. */
	readonly opened: string;
	/** What happens to the rules after that. */
	readonly disturb?: (lab: Lab) => Promise<unknown>;
	/** The configuration at `clear`; the same by default. */
	readonly cleared?: string;
	/** A guard that is killed, rather than `sync`, whose openings are persistent. */
	readonly byGuard?: true;
}

interface Host {
	readonly name: string;
	readonly tools: readonly string[];
	readonly setUp: (lab: Lab) => Promise<unknown>;
	readonly listing: (lab: Lab) => Promise<string>;
	/** What `explain` says of the opened port. */
	readonly explained?: string;
	readonly cases: readonly Case[];
}

const RULESET = `flush ruleset
table inet admin {
	set my_ports { type inet_service; flags timeout; elements = { 60902 } }
	set more_ports { type inet_service; }
	chain input {
		type filter hook input priority filter; policy drop;
		udp dport ${CONTROL_PORT} accept
		udp dport @my_ports accept
		udp dport @more_ports accept
	}
}
table ip admin {
	set my_ports { type inet_service; elements = { 60903 } }
	chain input {
		type filter hook input priority filter; policy accept;
		udp dport @my_ports accept
	}
}
`;

const POLICIES = (inet: string, ip: string) => (lab: Lab) =>
	lab.server.sh(`
		nft chain inet admin input '{ policy ${inet}; }'
		nft chain ip admin input '{ policy ${ip}; }'`);

const MY_PORTS = '[nftables]\nset = "my_ports"\n';
const MORE_PORTS = '[nftables]\nset = "more_ports"\n';
const COMMAND = '[ufw]\nmode = "command"\n';
const CHAIN = '[ufw]\nmode = "chain"\n';
const variant = (name: string) => `[firewall]\nname = "iptables"\n[iptables]\nvariant = "${name}"\n`;

const HOSTS: readonly Host[] = [
	{
		name: "ufw",
		tools: ["ufw", "iptables-nft"],
		setUp: enableUfw,
		listing: listUfw,
		cases: [
			{ name: 'ufw.mode = "chain"', opened: CHAIN },
			{ name: 'ufw.mode = "command"', opened: COMMAND },
			{ name: 'ufw.mode switched from "command" to "chain"', opened: COMMAND, cleared: CHAIN },
			{ name: "ufw.mode that cannot be read any more", opened: COMMAND, cleared: INVALID },
			{ name: 'ufw.mode = "command" of a guard that was killed', opened: COMMAND, byGuard: true },
		],
	},
	{
		name: "iptables",
		tools: ["iptables-nft", "iptables-legacy"],
		setUp: async (lab) => {
			await restoreAdminRules(lab, "nft");
			await restoreAdminRules(lab, "legacy");
		},
		listing: async (lab) => (await listIptables(lab, "nft")) + (await listIptables(lab, "legacy")),
		// The other variant drops too.
		explained: "closed by policy",
		cases: [
			{ name: 'iptables.variant = "nft"', opened: variant("nft") },
			{ name: 'iptables.variant = "legacy"', opened: variant("legacy") },
			{ name: "iptables.variant switched", opened: variant("legacy"), cleared: variant("nft") },
			{ name: "iptables.variant that cannot be read any more", opened: variant("legacy"), cleared: INVALID },
			{ name: "firewall.name switched", opened: variant("nft"), cleared: '[firewall]\nname = "none"\n' },
		],
	},
	{
		name: "nftables",
		tools: ["nft"],
		setUp: (lab) => loadRuleset(lab, RULESET),
		listing: listNft,
		cases: [
			{ name: "no nftables.set", opened: "" },
			{ name: "no nftables.set, of a guard that was killed", opened: "", byGuard: true },
			{ name: "nftables.set", opened: MY_PORTS },
			{ name: "nftables.set of a guard that was killed", opened: MY_PORTS, byGuard: true },
			{ name: "nftables.set removed", opened: MY_PORTS, cleared: "" },
			{ name: "nftables.set that names another set now", opened: MORE_PORTS, cleared: MY_PORTS },
			{ name: "nftables.set that cannot be read any more", opened: MORE_PORTS, cleared: INVALID },
			{
				name: "nftables.set of a table that no longer drops, while one of another family does",
				opened: MY_PORTS,
				disturb: POLICIES("accept", "drop"),
			},
		],
	},
];

for (const { name, tools, setUp, listing, cases, explained = "open by guard" } of HOSTS) {
	const skip = (await labMissing("mosh-server", "ss", "stdbuf", ...tools)) ?? false;
	describe(`clear on a host with ${name}`, { skip, concurrency: 1 }, () => {
		let host: Installed;
		// One for each test: the stock server waits a minute for a client and ends.
		let server: number | undefined;
		before(async () => {
			host = await Installed.create(setUp);
		});
		beforeEach(async () => {
			server = await host.moshServer(SERVER4, PORT);
		});
		afterEach(async () => {
			if (server !== undefined) {
				await endProcess(server);
			}
			server = undefined;
		});
		after(() => host?.remove());

		for (const [at, { name, opened, disturb, cleared = opened, byGuard }] of cases.entries()) {
			test(`leaves nothing: ${name}`, { skip: unlessFull(at % 2 !== 0) }, async () => {
				const pristine = await listing(host.lab);
				host.configure(opened);
				if (byGuard) {
					await host.startDaemon();
					await host.until(async () => (await host.status()).ports[0]?.state === "open");
					await host.stopDaemon("SIGKILL");
				} else {
					const { code, stdout, stderr } = await host.portguard("sync");
					assert.equal(code, EXIT.ok, stderr);
					assert.match(stdout, new RegExp(`opened .*:${PORT}`));
				}
				const { stdout } = await host.portguard("explain", "--json", String(PORT));
				assert.deepEqual(rulesIn(stdout), [explained]);
				await disturb?.(host.lab);
				host.configure(cleared);
				// The helpers of a guard that was killed may hold its lock for a moment.
				await host.until(async () => (await host.portguard("clear")).code !== EXIT.alreadyRunning);
				const again = await host.portguard("clear");
				assert.deepEqual([again.code, again.stderr], [EXIT.ok, ""]);
				if (disturb !== undefined) {
					await POLICIES("drop", "accept")(host.lab);
				}
				assert.equal(await listing(host.lab), pristine);
			});
		}
	});
}

function rulesIn(json: string): string[] {
	const { rules } = JSON.parse(json) as { rules: { verdict: string; by: string }[] };
	return rules.map(({ verdict, by }) => `${verdict} by ${by}`);
}
