/** `mosh-portguard explain PORT`: which sessions hold the port, and which rule of the firewall decides on it. */

import { distinct } from "../../firewall/opening.js";
import { openingsOf } from "../../guard/sessions/policy.js";
import { endpoint } from "../../system/addresses.js";
import { type Context, needPrivilege } from "../context.js";
import type { OutputOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { formatPorts, json } from "../output/format.js";
import { currentStatus } from "../queries/current-status.js";
import { decidedBy, everywhere, explainOpenings } from "../queries/explanations.js";
import { userNames } from "../queries/user-names.js";

export async function explain(context: Context, port: number, options: OutputOptions): Promise<number> {
	needPrivilege(context, "reading the firewall's rules");
	const { ports } = await currentStatus(context);
	const sessions = ports.filter((found) => found.port === port);
	const needed = sessions.flatMap((session) => openingsOf(session, ports));
	const asked = sessions.length > 0 ? distinct(needed) : everywhere(port);
	const rules = await explainOpenings(context, asked);
	if (options.json) {
		context.write(json({ schema: 1, port, sessions, rules }));
	} else {
		const nameOf = await userNames(
			context,
			sessions.map(({ uid }) => uid),
		);
		const held = sessions.length > 0 ? formatPorts(sessions, nameOf) : [`no mosh-server holds port ${port}`];
		const decided = rules.map((rule) => `${endpoint(rule)} is ${rule.verdict} by ${decidedBy(rule)}`);
		if (rules.length === 0) decided.push("on loopback, which no firewall here filters");
		context.write(`${[...held, "", ...decided].join("\n")}\n`);
	}
	const isOpen = rules.length === 0 || rules.some(({ verdict }) => verdict === "open");
	return isOpen ? EXIT.ok : EXIT.notOpen;
}
