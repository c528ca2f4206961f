/** `mosh-portguard close PORT`: shuts a port until the servers that hold it now have ended. They live on. */

import { CliError, type Context, needPrivilege } from "../context.js";
import { EXIT } from "../output/exit-codes.js";
import { askGuard } from "../queries/ask-guard.js";
import { type ChangeOptions, showChange } from "./sync.js";

export async function close(context: Context, port: number, options: ChangeOptions): Promise<number> {
	needPrivilege(context, "close");
	const dryRun = options.dryRun === true;
	const answer = await askGuard(context, { type: "close", port, dryRun }, "synced");
	if (answer === undefined) {
		throw new CliError("noGuard", "no guard is running that could keep the port closed");
	}
	showChange(context, { open: answer.opened, close: answer.closed }, options);
	return answer.closed.length > 0 ? EXIT.ok : EXIT.notOpen;
}
