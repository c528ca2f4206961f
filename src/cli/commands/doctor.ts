/** `mosh-portguard doctor`: why does mosh not connect? One line per check, with the remedy where one fails. */

import { messageOf } from "../../guard/errors.js";
import { CHECKS, type Check } from "../checks.js";
import type { Context } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { json } from "../show.js";
import type { ShowOptions } from "./status.js";

export interface Finding {
	readonly check: string;
	readonly state: "good" | "bad" | "hint";
	readonly says: string;
	readonly remedy?: string;
}

export async function doctor(context: Context, options: ShowOptions): Promise<number> {
	const findings: Finding[] = [];
	for (const check of CHECKS) findings.push({ check: check.name, ...(await examine(check, context)) });
	if (options.json) context.write(json({ schema: 1, findings }));
	else context.write(findings.map(show).join(""));
	return findings.some(({ state }) => state === "bad") ? EXIT.problems : EXIT.ok;
}

/** A check that cannot be made is itself worth knowing, and must not hide the others. */
async function examine(check: Check, context: Context): Promise<Omit<Finding, "check">> {
	try {
		return await check.examine(context);
	} catch (error) {
		return {
			state: "bad",
			says: `cannot be checked: ${messageOf(error)}`,
		};
	}
}

const MARKS = { good: "ok  ", bad: "BAD ", hint: "note" } as const;

function show({ check, state, says, remedy }: Finding): string {
	return `${MARKS[state]}  ${check}: ${says}\n${remedy === undefined ? "" : `      → ${remedy}\n`}`;
}
