/** What a login costs on a host with many rules, or with a large set of addresses, beside the same on a tidy host. */

import { labMissing } from "../../test/lab/hosts.js";
import { sleep } from "../measure/time.js";
import { perLogin } from "./cost.js";
import { IPTABLES, type LabFirewall, NFTABLES } from "./firewalls.js";
import type { GuardBench, GuardGroup, GuardRow } from "./group.js";
import { GuardHost } from "./host.js";
import { watchOpening } from "./opening.js";

const RULES = 20_000;
const ADDRESSES = 300_000;
/** After the guard has started, or a server has. */
const SETTLE = 3000;
const BETWEEN = 150;

/** Prints `count` addresses that are not next to each other, one a line, between `before` and `after`. */
const addresses = (count: number, before: string, after: string) =>
	`awk 'BEGIN { for (i = 0; i < ${count}; i += 1) printf "${before}%d.%d.%d.%d${after}\\n", 45 + int(i / 4194304), int(i / 16384) % 256, int(i / 64) % 256, i % 64 * 3 + 1 }'`;

/** Of ranges, as lists of networks are. */
const SET = `{
	echo 'table inet admin { set many { type ipv4_addr; flags interval; elements = {'
	${addresses(ADDRESSES, "", ",")}
	echo '}; }; }'
} | nft -f -`;

interface Size {
	readonly name: string;
	/** By sh, on the host; for nftables into table `inet admin`. */
	readonly more: string;
}

const SIZES: readonly (readonly [LabFirewall, readonly Size[]])[] = [
	[
		NFTABLES,
		[
			{ name: "tidy", more: "true" },
			{
				name: `${RULES} rules`,
				more: `${addresses(RULES, "insert rule inet admin input ip saddr ", " drop")} | nft -f -`,
			},
			{
				name: `a set of ${ADDRESSES} addresses`,
				more: `${SET}; nft insert rule inet admin input ip saddr @many drop`,
			},
		],
	],
	[
		IPTABLES,
		[
			{ name: "tidy", more: "true" },
			{
				name: `${RULES} rules`,
				more: `{ echo '*filter'; ${addresses(RULES, "-I INPUT -s ", " -j DROP")}; echo COMMIT; } | iptables-nft-restore --noflush`,
			},
			{ name: `a set of ${ADDRESSES} addresses`, more: SET },
		],
	],
];

async function measure(bench: GuardBench, firewall: LabFirewall, size: Size): Promise<GuardRow[]> {
	bench.progress(`guard: ${firewall.name}, ${size.name}`);
	const host = await GuardHost.start({
		...firewall,
		setUp: async (lab) => {
			await firewall.setUp(lab);
			await lab.server.sh(size.more);
		},
	});
	const row = (name: string, samples: readonly number[]): GuardRow => ({
		name: `${firewall.name}, ${size.name}: ${name}`,
		unit: "ms",
		samples,
	});
	try {
		await host.startGuard();
		await sleep(SETTLE);
		const opened: number[] = [];
		for (let round = 0; round < (bench.quick ? 5 : 20); round++) {
			opened.push(await watchOpening(host, host.nextPort()));
			await sleep(BETWEEN);
		}
		const { own, started } = await perLogin(bench, host, await host.guardPid());
		return [
			row("bind → open", opened),
			row("guard's CPU per login and logout", own),
			row("its commands' CPU per login and logout", started),
		];
	} finally {
		await host.remove();
	}
}

async function run(bench: GuardBench): Promise<readonly GuardRow[]> {
	const rows: GuardRow[] = [];
	for (const [firewall, sizes] of SIZES) {
		for (const size of (await labMissing("nft", ...firewall.tools)) === undefined ? sizes : []) {
			rows.push(...(await measure(bench, firewall, size)));
		}
	}
	return rows;
}

export const size: GuardGroup = {
	name: "guard-size",
	summary: `guard: opening and CPU per login beside ${RULES} rules and a set of ${ADDRESSES} addresses`,
	tools: ["strace", "mosh-server"],
	run,
};
