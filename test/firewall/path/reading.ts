/** A reading of a recorded host, and what follows from it for a first datagram. */

import { judge } from "../../../src/firewall/path/judge.js";
import { readRules } from "../../../src/firewall/path/read.js";
import { type HostRecord, RecordedCommands, withNet } from "../../support/recorded-host.js";

export const JSON_LISTING = "nft -j -t list ruleset";
export const PLAIN_LISTING = "nft -t -a list ruleset";
export const EMPTY = { [JSON_LISTING]: { stdout: '{"nftables": []}' }, [PLAIN_LISTING]: { stdout: "" } };
export const DROPPING = "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

export async function read(record: Partial<HostRecord>) {
	const whole = { missing: [], outputs: {}, net: {}, ...record };
	const commands = new RecordedCommands(whole);
	return withNet(whole, async (net) => {
		const rules = await readRules(commands, { net });
		const ways = [{ interface: "eth0", family: "ipv4", address: "10.77.0.1" }] as const;
		const { verdict } = await judge(rules, { ways, ports: { first: 60_001, last: 60_001 } });
		return { rules, verdict, codes: rules.facts.map(({ code }) => code), lines: commands.lines };
	});
}
