/** Which rule of the firewall keeps a port shut: one that a session holds, or else the one the next session would get. */

import type { PortStatus } from "../../guard/report/status.js";
import { openingsOf } from "../../guard/sessions/policy.js";
import { endpoint } from "../../system/addresses.js";
import { decidedBy, everywhere, type Ruling, rulingsOf } from "../queries/explanations.js";
import { bad, type Check, type Finding, good, hint } from "./check.js";

export const rules: Check = {
	name: "rules",
	examine: async ({ context, status }) => {
		if (!context.privileged) return undefined;
		const { ports, range, guard } = await status();
		const held = ports.filter(({ state }) => state !== "refused");
		if (held.length === 0) return ofNextPort(await rulingsOf(context, everywhere(range.first)));
		const openings = held.flatMap((port) => openingsOf(port, ports));
		return ofHeldPorts(await rulingsOf(context, openings), held, guard.running);
	},
};

function ofHeldPorts(
	rulings: readonly Ruling[],
	held: readonly PortStatus[],
	guardRuns: boolean,
): Finding | undefined {
	const closed = rulings.filter(({ verdict }) => verdict === "closed");
	if (closed.length === 0) return good(`ports held by sessions, no rule closes them: ${held.length}`);
	const says = closed.map((ruling) => `${endpoint(ruling)} is closed by ${decidedBy(ruling)}`).join("; ");
	if (closed.some(({ by }) => by === "admin")) return bad(says, ADMINS_RULE);
	return bad(
		says,
		guardRuns ? "mosh-portguard status says why the guard has not opened it" : "start the guard",
	);
}

/** No session holds a port: what stands before the guard's rules would stand before the next one's too. */
function ofNextPort(rulings: readonly Ruling[]): Finding {
	const port = `UDP ${rulings[0]?.port}`;
	const closed = rulings.filter(({ verdict }) => verdict === "closed");
	const denied = closed.filter(({ by }) => by === "admin");
	if (denied.length > 0) {
		const says = `${port}, the first of the range, is closed by the administrator's rule: ${textOf(denied)}`;
		return bad(says, ADMINS_RULE);
	}
	const opened = rulings.filter(({ verdict, by }) => verdict === "open" && by === "admin");
	if (opened.length > 0) {
		return hint(
			`${port} is open although no session holds it, by the administrator's rule: ${textOf(opened)}`,
			"with the guard, the range can be closed: docs/migration.md",
		);
	}
	if (closed.length === 0) return good(`nothing drops ${port}`);
	return good(`by default ${port} is dropped: ${textOf(closed)}`);
}

const ADMINS_RULE = "remove or narrow that rule: it precedes the guard's rule, which overrides no deny";
const FAMILY = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** Often both families have the same rule. */
function textOf(rulings: readonly Ruling[]): string {
	const texts = [...new Set(rulings.map(({ rule }) => rule))];
	return texts
		.map((text) => {
			const families = rulings.filter(({ rule }) => rule === text).map(({ family }) => FAMILY[family]);
			return `${text} (${families.join(", ")})`;
		})
		.join("; ");
}
