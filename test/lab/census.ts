/** Counts, before and after every rule of any firewall, what comes for mosh-servers: what is missing was dropped. */

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

/** From zero. Needs `nft` on the host, whatever its firewall is. */
export async function startCensus(host: LabHost): Promise<void> {
	await host.sh(`nft -f - <<'END'${TABLE}\nEND\n`);
}

export async function readCensus(host: LabHost): Promise<Census> {
	const listing = await host.sh("nft list counters table inet census");
	const [arrived, passed] = [...listing.matchAll(/packets (\d+)/g)].map(([, count]) => Number(count));
	if (arrived === undefined || passed === undefined) throw new Error(`no census:\n${listing}`);
	return { arrived, passed };
}

export async function stopCensus(host: LabHost): Promise<void> {
	await host.sh("nft delete table inet census");
}
