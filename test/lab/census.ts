/** Counts datagrams for mosh-servers before and after all firewall rules: the difference was dropped. */

import { until } from "../support/wait.js";
import type { LabHost } from "./hosts.js";

const TABLE = `
table inet census {
	counter arrived { }
	counter passed { }
	chain before { type filter hook prerouting priority -500; udp dport 60001-60999 counter name arrived; }
	chain behind { type filter hook input priority 500; udp dport 60001-60999 counter name passed; }
}`;

export interface Census {
	readonly arrived: number;
	readonly passed: number;
}

/** Starts at zero. Needs `nft` on the host, whichever firewall is in force. */
export async function startCensus(host: LabHost): Promise<void> {
	await host.sh(`nft -f - <<'END'${TABLE}\nEND\n`);
}

export async function readCensus(host: LabHost): Promise<Census> {
	const listing = await host.sh("nft list counters table inet census");
	const [arrived, passed] = [...listing.matchAll(/packets (\d+)/g)].map(([, count]) => Number(count));
	if (arrived === undefined || passed === undefined) {
		throw new Error(`no census:\n${listing}`);
	}
	return { arrived, passed };
}

/** Read while no datagram is between the two counters, which would look like a dropped one. */
export function readStillCensus(host: LabHost): Promise<Census> {
	let last: Census | undefined;
	return until("a moment without a datagram", async () => {
		const before = last;
		last = await readCensus(host);
		return before?.arrived === last.arrived && before.passed === last.passed && last;
	});
}

export async function stopCensus(host: LabHost): Promise<void> {
	await host.sh("nft delete table inet census");
}
