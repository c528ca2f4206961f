/** `mosh-portguard doctor`: finds out why mosh does not connect. One line per check, with a remedy where one fails. */

import { messageOf } from "../../system/errors.js";
import type { Context } from "../context.js";
import type { Check, Examined, Finding } from "../doctor/check.js";
import { CHECKS } from "../doctor/checks.js";
import { readHostFacts, tellHostFacts } from "../doctor/host-facts.js";
import type { OutputOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { json, printable } from "../output/format.js";
import { currentStatus } from "../queries/current-status.js";

interface Row extends Finding {
	readonly check: string;
}

export interface DoctorOptions extends OutputOptions {
	/** Set by doctor for its child process; see host-facts.ts. */
	readonly hostFacts?: boolean;
}

export async function doctor(context: Context, options: DoctorOptions): Promise<number> {
	if (options.hostFacts) {
		await tellHostFacts(context);
		return EXIT.ok;
	}
	const examined: Examined = {
		context,
		status: once(() => currentStatus(context)),
		facts: once(readHostFacts),
	};
	const rows: Row[] = [];
	for (const check of CHECKS) {
		const finding = await examine(check, examined);
		if (finding !== undefined) {
			rows.push({ check: check.name, ...finding });
		}
	}
	if (options.json) {
		context.write(json({ schema: 1, findings: rows }));
	} else {
		context.write(rows.map(formatRow).join(""));
	}
	return rows.some(({ state }) => state === "bad") ? EXIT.problems : EXIT.ok;
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
	let answer: Promise<T> | undefined;
	return () => {
		answer ??= ask();
		return answer;
	};
}

/** A check that cannot be made is reported as a finding and does not prevent the others. */
async function examine(check: Check, examined: Examined): Promise<Finding | undefined> {
	try {
		return await check.examine(examined);
	} catch (error) {
		return { state: "bad", says: `cannot be checked: ${messageOf(error)}` };
	}
}

const MARKS = { good: "ok  ", bad: "BAD ", hint: "note" } as const;

function formatRow({ check, state, says, remedy }: Row): string {
	return `${MARKS[state]}  ${check}: ${printable(says)}\n${remedy === undefined ? "" : `      → ${remedy}\n`}`;
}
