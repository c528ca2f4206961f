/** `mosh-portguard explain PORT`: who holds it, what the policy says, and which rule of the firewall decides. */

import { distinct } from "../../firewall/opening.js";
import { openingsOf } from "../../guard/sessions/policy.js";
import { endpoint } from "../../system/addresses.js";
import { type Context, needPrivilege } from "../context.js";
import { EXIT } from "../output/exit-codes.js";
import { json, showPorts } from "../output/format.js";
import { currentStatus } from "../queries/current-status.js";
import { decidedBy, everywhere, rulingsOf } from "../queries/explanations.js";
import { userNames } from "../queries/user-names.js";
import type { ShowOptions } from "./status.js";

export async function explain(context: Context, port: number, options: ShowOptions): Promise<number> {
	needPrivilege(context, "reading the firewall's rules");
	const { ports } = await currentStatus(context);
	const sessions = ports.filter((found) => found.port === port);
	const needed = sessions.flatMap((session) => openingsOf(session, ports));
	const asked = sessions.length > 0 ? distinct(needed) : everywhere(port);
	const rules = await rulingsOf(context, asked);
	if (options.json) {
		context.write(json({ schema: 1, port, sessions, rules }));
	} else {
		const nameOf = await userNames(
			context,
			sessions.map(({ uid }) => uid),
		);
		const held = sessions.length > 0 ? showPorts(sessions, nameOf) : [`no mosh-server holds port ${port}`];
		const decided = rules.map((rule) => `${endpoint(rule)} is ${rule.verdict} by ${decidedBy(rule)}`);
		if (rules.length === 0) decided.push("on loopback, which no firewall here filters");
		context.write(`${[...held, "", ...decided].join("\n")}\n`);
	}
	const isOpen = rules.length === 0 || rules.some(({ verdict }) => verdict === "open");
	return isOpen ? EXIT.ok : EXIT.notOpen;
}
