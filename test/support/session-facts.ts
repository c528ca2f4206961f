/** What a pretended session of the user says of itself. */

import type { Asked } from "../../src/server/control/ask.js";
import type { SessionFacts } from "../../src/server/control/messages.js";

export const FACTS: SessionFacts = {
	type: "session",
	pid: 4711,
	startedAt: 0,
	state: "running",
	columns: 80,
	rows: 24,
	title: "",
	program: "vim",
	ports: [60001],
	client: "192.0.2.2",
	silentMs: 15_000,
	watchers: 0,
};

/** A server that has answered so. */
export function server(pid: number, more: Partial<SessionFacts> = {}): Asked {
	return { pid, path: "", facts: { ...FACTS, pid, ...more }, silent: false };
}
