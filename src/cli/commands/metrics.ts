/** `mosh-portguard metrics`: the running guard's state for Prometheus, to read or as a textfile of node_exporter's. */

import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { Status } from "../../guard/report/status.js";
import { GuardError } from "../../guard-protocol/errors.js";
import type { Context } from "../context.js";
import { EXIT } from "../output/exit-codes.js";
import { exposition } from "../output/prometheus.js";
import { askGuard } from "../queries/ask-guard.js";

export interface MetricsOptions {
	readonly textfile?: string;
}

/** A guard that does not run or answer is a metric too, not a failure: its exporter must go on. */
export async function metrics(context: Context, { textfile }: MetricsOptions): Promise<number> {
	const text = exposition(await statusOf(context));
	if (textfile === undefined) context.write(text);
	else writeWhole(textfile, text);
	return EXIT.ok;
}

async function statusOf(context: Context): Promise<Status | undefined> {
	try {
		const answer = await askGuard(context, { type: "status" }, "status");
		return answer?.status as Status | undefined;
	} catch (error) {
		if (error instanceof GuardError) return undefined;
		throw error;
	}
}

/** A reader sees the old file or the new one, never half of one. The collector reads names in `.prom` alone. */
function writeWhole(file: string, text: string): void {
	const draft = `${file}.${process.pid}`;
	try {
		// Exclusively: whoever else may write to the folder must not lead root elsewhere by a link.
		writeFileSync(draft, text, { flag: "wx", mode: 0o644 });
		renameSync(draft, file);
	} catch (error) {
		rmSync(draft, { force: true });
		throw error;
	}
}
