/** Runs the guard's groups: real firewalls on hosts made of namespaces, so they need root and the tools. */

import { labMissing } from "../../test/lab/hosts.js";
import { cost } from "./cost.js";
import { days } from "./days.js";
import { delays } from "./delays.js";
import type { GuardBench, GuardGroup } from "./group.js";
import { logins, watchedLogins } from "./logins.js";
import { type GuardReportRow, guardReportRow } from "./report.js";
import { size } from "./size.js";

export const GUARD_GROUPS: readonly GuardGroup[] = [delays, cost, size, days, logins, watchedLogins];

/** `only`: names of groups; empty for all. What cannot run here is left out, and is a failure only when asked for. */
export async function runGuardGroups(bench: GuardBench, only: readonly string[]): Promise<GuardReportRow[]> {
	const rows: GuardReportRow[] = [];
	for (const group of GUARD_GROUPS) {
		const asked = only.includes(group.name);
		if (only.length > 0 && !asked) {
			continue;
		}
		const missing = await labMissing(...group.tools);
		if (missing !== undefined) {
			if (asked) {
				process.exitCode = 1;
			}
			bench.progress(`${group.name} left out: ${missing}`);
			continue;
		}
		try {
			rows.push(...(await group.run(bench)).map(guardReportRow));
		} catch (error) {
			process.exitCode = 1;
			process.stderr.write(`bench: ${group.name} could not be measured: ${(error as Error).stack}\n`);
		}
	}
	return rows;
}
