/** `mosh-portguard status`: guard, firewall, ports and problems, with or without a daemon. */

import type { Context } from "../context.js";
import type { OutputOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { formatStatus, json } from "../output/format.js";
import { statusWithNames } from "../queries/status-with-names.js";

export async function status(context: Context, options: OutputOptions): Promise<number> {
	const { status, nameOf } = await statusWithNames(context);
	context.write(options.json ? json(status) : formatStatus(status, nameOf));
	if (!status.guard.running) {
		return EXIT.noGuard;
	}
	return status.problems.length > 0 ? EXIT.problems : EXIT.ok;
}
