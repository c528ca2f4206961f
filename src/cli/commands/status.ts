/** `mosh-portguard status`: everything that matters at a glance, with or without a daemon. */

import type { Status } from "../../guard/report/status.js";
import type { Context } from "../context.js";
import { EXIT } from "../output/exit-codes.js";
import { json, showPorts, showStatus } from "../output/format.js";
import { currentStatus } from "../queries/current-status.js";
import { userNames } from "../queries/user-names.js";

export interface ShowOptions {
	readonly json?: boolean;
}

export async function status(context: Context, options: ShowOptions): Promise<number> {
	const found = await named(context, await currentStatus(context));
	context.write(options.json ? json(found.status) : showStatus(found.status, found.nameOf));
	if (!found.status.guard.running) return EXIT.noGuard;
	return found.status.problems.length > 0 ? EXIT.problems : EXIT.ok;
}

/** `mosh-portguard list`: the sessions' ports alone. */
export async function list(context: Context, options: ShowOptions): Promise<number> {
	const { status, nameOf } = await named(context, await currentStatus(context));
	const { schema, ports } = status;
	context.write(options.json ? json({ schema, ports }) : `${showPorts(ports, nameOf).join("\n")}\n`);
	return EXIT.ok;
}

async function named(context: Context, status: Status) {
	const nameOf = await userNames(
		context,
		status.ports.map(({ uid }) => uid),
	);
	const ports = status.ports.map((port) => ({ ...port, user: nameOf(port.uid) }));
	return { status: { ...status, ports }, nameOf };
}
