/** `mosh-portguard close PORT`: keeps a port closed until the servers that hold it now have exited; they are not ended. */

import { CliError, type Context, needPrivilege } from "../context.js";
import type { ChangeOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { formatChange } from "../output/format-change.js";
import { askGuard } from "../queries/ask-guard.js";

export async function close(context: Context, port: number, options: ChangeOptions): Promise<number> {
	needPrivilege(context, "close");
	const dryRun = options.dryRun === true;
	const answer = await askGuard(context, { type: "close", port, dryRun }, "synced");
	if (answer === undefined) {
		throw new CliError("noGuard", "no guard is running that could keep the port closed");
	}
	context.write(formatChange({ open: answer.opened, close: answer.closed }, options));
	return answer.closed.length > 0 ? EXIT.ok : EXIT.notOpen;
}
