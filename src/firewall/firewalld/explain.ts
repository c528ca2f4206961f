/** Finds the setting of a zone that decides on a UDP port. */

import type { Explanation, Opening } from "../firewall.js";
import type { Bus } from "./bus.js";
import { readServicePorts, readZone } from "./client.js";
import { readRichRule, richRule } from "./rule.js";

/** In the order of firewalld: denies, allows, our rule, and finally the target of the zone. */
export async function explainInZone(bus: Bus, zone: string, opening: Opening): Promise<Explanation> {
	const { target, ports, services, richRules } = await readZone(bus, zone);
	const foreign = richRules.filter((rule) => readRichRule(rule) === undefined && names(rule, opening));
	const deny = foreign.find((rule) => /\b(drop|reject)\b/.test(rule));
	if (deny !== undefined) {
		return { verdict: "closed", by: "admin", rule: `zone ${zone}: ${deny}` };
	}
	const allow = foreign.find((rule) => /\baccept\b/.test(rule));
	if (allow !== undefined) {
		return { verdict: "open", by: "admin", rule: `zone ${zone}: ${allow}` };
	}
	const port = ports.find((entry) => covers(entry, opening.port));
	if (port !== undefined) {
		return { verdict: "open", by: "admin", rule: `zone ${zone}: port ${port.join("/")}` };
	}
	for (const service of services) {
		if (!(await readServicePorts(bus, service)).some((entry) => covers(entry, opening.port))) {
			continue;
		}
		return { verdict: "open", by: "admin", rule: `zone ${zone}: service ${service}` };
	}
	if (richRules.includes(richRule(opening))) {
		return { verdict: "open", by: "guard", rule: `zone ${zone}: ${richRule(opening)}` };
	}
	const verdict = target === "ACCEPT" ? "open" : "closed";
	return { verdict, by: "policy", rule: `zone ${zone}: target ${target}` };
}

/** Whether a rule is for this port and every source: one that is bound to a source does not decide for others. */
function names(rule: string, { family, address, port }: Opening): boolean {
	const [, range] = / port port="([\d-]+)" protocol="udp"/.exec(rule) ?? [];
	const [, ruleFamily = family] = / family="(ipv[46])"/.exec(rule) ?? [];
	const [, destination = address] = / destination address="([^"]+)"/.exec(rule) ?? [];
	if (range === undefined || rule.includes(" source ")) {
		return false;
	}
	return covers([range, "udp"], port) && ruleFamily === family && destination === address;
}

function covers([range, protocol]: readonly [string, string], port: number): boolean {
	const [first, last = first] = range.split("-");
	return protocol === "udp" && Number(first) <= port && port <= Number(last);
}
