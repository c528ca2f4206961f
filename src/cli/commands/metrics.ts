/** `mosh-portguard metrics`: exports the running guard's state for Prometheus, to standard output or a file for node_exporter. */

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

/** A guard that is not running or does not answer is reported as a metric rather than as a failure of the command. */
export async function metrics(context: Context, { textfile }: MetricsOptions): Promise<number> {
	const text = exposition(await statusOf(context));
	if (textfile === undefined) {
		context.write(text);
	} else {
		writeWhole(textfile, text);
	}
	return EXIT.ok;
}

async function statusOf(context: Context): Promise<Status | undefined> {
	try {
		const answer = await askGuard(context, { type: "status" }, "status");
		return answer?.status as Status | undefined;
	} catch (error) {
		if (error instanceof GuardError) {
			return undefined;
		}
		throw error;
	}
}

/** Replaces the file atomically. The collector ignores the draft, because it only reads names that end in `.prom`. */
function writeWhole(file: string, text: string): void {
	const draft = `${file}.${process.pid}`;
	try {
		// Exclusively, so that another user who can write to the folder cannot redirect root through a link.
		writeFileSync(draft, text, { flag: "wx", mode: 0o644 });
		renameSync(draft, file);
	} catch (error) {
		rmSync(draft, { force: true });
		throw error;
	}
}
