/** `mosh-portguard list`: the ports of the sessions only. */

import type { Context } from "../context.js";
import type { OutputOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { formatPorts, json } from "../output/format.js";
import { statusWithNames } from "../queries/status-with-names.js";

export async function list(context: Context, options: OutputOptions): Promise<number> {
	const { status, nameOf } = await statusWithNames(context);
	const { schema, ports } = status;
	context.write(options.json ? json({ schema, ports }) : `${formatPorts(ports, nameOf).join("\n")}\n`);
	return EXIT.ok;
}
