/** Checks which rule of the firewall closes the ports that sessions hold or, without sessions, the port of the next one. */

import type { Opening } from "../../firewall/firewall.js";
import type { PortStatus } from "../../guard/report/status.js";
import { openingsOf } from "../../guard/sessions/policy.js";
import {
	everywhere,
	explainOpenings,
	type OpeningExplanation,
	type Question,
	readVerifier,
	sentence,
} from "../queries/explanations.js";
import { bad, type Check, type Finding, good, hint } from "./check.js";

export const rules: Check = {
	name: "rules",
	examine: async ({ context, status }) => {
		if (!context.privileged) {
			return undefined;
		}
		const { ports, range, guard } = await status();
		const held = ports.filter(({ state }) => state !== "refused");
		const verifier = await readVerifier(context);
		if (held.length === 0) {
			const next = everywhere(range.first);
			const obstacles = next.flatMap((opening) =>
				verifier.obstacles(opening).map((found) => ({ ...opening, ...found })),
			);
			return ofNextPort(await explainOpenings(verifier, asked(next)), obstacles, range.first);
		}
		const openings = held.flatMap((port) => openingsOf(port, ports));
		return ofHeldPorts(await explainOpenings(verifier, asked(openings)), held, guard.running);
	},
};

function ofHeldPorts(
	explanations: readonly OpeningExplanation[],
	held: readonly PortStatus[],
	guardRuns: boolean,
): Finding | undefined {
	const closed = explanations.filter(({ verdict }) => verdict === "closed");
	const unknown = explanations.filter(({ verdict }) => verdict === "unknown");
	if (closed.length === 0 && unknown.length > 0) {
		return hint(unknown.map(sentence).join("; "), UNKNOWN);
	}
	if (closed.length === 0) {
		return good(`ports held by sessions, no rule closes them: ${held.length}`);
	}
	const says = closed.map(sentence).join("; ");
	if (closed.some(({ direction }) => direction === "answer")) {
		return bad(says, ANSWER);
	}
	if (closed.some(({ diverted }) => diverted)) {
		return bad(says, DIVERTED);
	}
	if (closed.some(({ by }) => by === "admin")) {
		return bad(says, ADMINS_RULE);
	}
	return bad(
		says,
		guardRuns ? "mosh-portguard status says why the guard has not opened it" : "start the guard",
	);
}

function asked(openings: readonly Opening[]): Question[] {
	return openings.map((opening) => ({ opening }));
}

/** No session holds a port; a rule that precedes the guard's would decide on the next session's port too. */
function ofNextPort(
	explanations: readonly OpeningExplanation[],
	obstacles: readonly OpeningExplanation[],
	first: number,
): Finding {
	const port = `UDP ${first}`;
	if (obstacles.length > 0) {
		const isAnswer = obstacles.every(({ direction }) => direction === "answer");
		const what = isAnswer ? "answers from it are dropped" : "it is shut before the guard's rules are reached";
		const remedy = isAnswer ? ANSWER : obstacles.some(({ diverted }) => diverted) ? DIVERTED : EARLIER;
		return bad(`${port}, the first of the range: ${what}: ${textOf(obstacles)}`, remedy);
	}
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
	const unknown = explanations.filter(({ verdict }) => verdict === "unknown");
	if (unknown.length > 0) {
		return hint(unknown.map(sentence).join("; "), UNKNOWN);
	}
	if (closed.length === 0) {
		return good(`nothing drops ${port}`);
	}
	return good(`by default ${port} is dropped: ${textOf(closed)}`);
}

const ADMINS_RULE = "remove or narrow that rule: it precedes the guard's rule, which overrides no deny";
const ANSWER = "let UDP from the ports of the range out: the guard opens ports for what comes in only";
const EARLIER = "take the ports of the range out of that rule: it comes before the guard's rule";
const DIVERTED = "take the ports of the range out of that rule: the guard overrides no forwarding of ports";
const UNKNOWN = "look at that rule: whether it shuts the port cannot be told from here";
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
