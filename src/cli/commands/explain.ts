/** `mosh-portguard explain PORT`: who holds it, what the policy says, and which rule of the firewall decides. */

import type { Explanation, Opening } from "../../firewall/firewall.js";
import { chooseFirewall } from "../choose-firewall.js";
import { readConfig } from "../configuration.js";
import { type Context, needRoot } from "../context.js";
import { currentStatus } from "../current-status.js";
import { EXIT } from "../exit-codes.js";
import { endpoint, json, printable, showPorts } from "../show.js";
import { userNames } from "../users.js";
import type { ShowOptions } from "./status.js";

export async function explain(context: Context, port: number, options: ShowOptions): Promise<number> {
	needRoot(context, "reading the firewall's rules");
	const status = await currentStatus(context);
	const { config } = readConfig(context.paths.config);
	const { firewall } = await chooseFirewall(config, context);
	const sessions = status.ports.filter((found) => found.port === port);
	const asked: Opening[] = sessions.length > 0 ? sessions : wildcards(port);
	const rules: (Explanation & Opening)[] = [];
	for (const { family, address } of asked) {
		rules.push({ family, address, port, ...(await firewall.explain({ family, address, port })) });
	}
	if (options.json) {
		context.write(json({ schema: 1, port, sessions, rules }));
	} else {
		const nameOf = await userNames(
			context,
			sessions.map(({ uid }) => uid),
		);
		const held = sessions.length > 0 ? showPorts(sessions, nameOf) : [`no mosh-server holds port ${port}`];
		const decided = rules.map(
			(rule) => `${endpoint(rule)} is ${rule.verdict} by ${OWNER[rule.by]}: ${printable(rule.rule)}`,
		);
		context.write(`${[...held, "", ...decided].join("\n")}\n`);
	}
	return rules.some(({ verdict }) => verdict === "open") ? EXIT.ok : EXIT.notOpen;
}

const OWNER = {
	guard: "the guard's rule",
	admin: "the administrator's rule",
	policy: "the default",
} as const;

function wildcards(port: number): Opening[] {
	return [
		{ family: "ipv4", address: "0.0.0.0", port },
		{ family: "ipv6", address: "::", port },
	];
}
