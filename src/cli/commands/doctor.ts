/** `mosh-portguard doctor`: why does mosh not connect? One line per check, with the remedy where one fails. */

import { messageOf } from "../../system/errors.js";
import type { Context } from "../context.js";
import type { Check, Examined, Finding } from "../doctor/check.js";
import { CHECKS } from "../doctor/checks.js";
import { readHostFacts, tellHostFacts } from "../doctor/host-facts.js";
import { EXIT } from "../output/exit-codes.js";
import { json, printable } from "../output/format.js";
import { currentStatus } from "../queries/current-status.js";
import type { ShowOptions } from "./status.js";

interface Row extends Finding {
	readonly check: string;
}

export interface DoctorOptions extends ShowOptions {
	/** Said by doctor to the child that asks for it, see host-facts.ts. */
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
		if (finding !== undefined) rows.push({ check: check.name, ...finding });
	}
	if (options.json) context.write(json({ schema: 1, findings: rows }));
	else context.write(rows.map(show).join(""));
	return rows.some(({ state }) => state === "bad") ? EXIT.problems : EXIT.ok;
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
	let answer: Promise<T> | undefined;
	return () => {
		answer ??= ask();
		return answer;
	};
}

/** A check that cannot be made is itself worth knowing, and must not hide the others. */
async function examine(check: Check, examined: Examined): Promise<Finding | undefined> {
	try {
		return await check.examine(examined);
	} catch (error) {
		return { state: "bad", says: `cannot be checked: ${messageOf(error)}` };
	}
}

const MARKS = { good: "ok  ", bad: "BAD ", hint: "note" } as const;

function show({ check, state, says, remedy }: Row): string {
	return `${MARKS[state]}  ${check}: ${printable(says)}\n${remedy === undefined ? "" : `      → ${remedy}\n`}`;
}
