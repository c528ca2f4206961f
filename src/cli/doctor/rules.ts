/** Checks which rule of the firewall closes the ports that sessions hold or, without sessions, the port of the next one. */

import type { PortStatus } from "../../guard/report/status.js";
import { openingsOf } from "../../guard/sessions/policy.js";
import { endpoint } from "../../system/addresses.js";
import { decidedBy, everywhere, explainOpenings, type OpeningExplanation } from "../queries/explanations.js";
import { bad, type Check, type Finding, good, hint } from "./check.js";

export const rules: Check = {
	name: "rules",
	examine: async ({ context, status }) => {
		if (!context.privileged) return undefined;
		const { ports, range, guard } = await status();
		const held = ports.filter(({ state }) => state !== "refused");
		if (held.length === 0) return ofNextPort(await explainOpenings(context, everywhere(range.first)));
		const openings = held.flatMap((port) => openingsOf(port, ports));
		return ofHeldPorts(await explainOpenings(context, openings), held, guard.running);
	},
};

function ofHeldPorts(
	explanations: readonly OpeningExplanation[],
	held: readonly PortStatus[],
	guardRuns: boolean,
): Finding | undefined {
	const closed = explanations.filter(({ verdict }) => verdict === "closed");
	if (closed.length === 0) return good(`ports held by sessions, no rule closes them: ${held.length}`);
	const says = closed
		.map((explanation) => `${endpoint(explanation)} is closed by ${decidedBy(explanation)}`)
		.join("; ");
	if (closed.some(({ by }) => by === "admin")) return bad(says, ADMINS_RULE);
	return bad(
		says,
		guardRuns ? "mosh-portguard status says why the guard has not opened it" : "start the guard",
	);
}

/** No session holds a port; a rule that precedes the guard's would decide on the next session's port too. */
function ofNextPort(explanations: readonly OpeningExplanation[]): Finding {
	const port = `UDP ${explanations[0]?.port}`;
	const closed = explanations.filter(({ verdict }) => verdict === "closed");
	const denied = closed.filter(({ by }) => by === "admin");
	if (denied.length > 0) {
		const says = `${port}, the first of the range, is closed by the administrator's rule: ${textOf(denied)}`;
		return bad(says, ADMINS_RULE);
	}
	const opened = explanations.filter(({ verdict, by }) => verdict === "open" && by === "admin");
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

/** Both families often have the same rule. */
function textOf(explanations: readonly OpeningExplanation[]): string {
	const texts = [...new Set(explanations.map(({ rule }) => rule))];
	return texts
		.map((text) => {
			const families = explanations.filter(({ rule }) => rule === text).map(({ family }) => FAMILY[family]);
			return `${text} (${families.join(", ")})`;
		})
		.join("; ");
}
