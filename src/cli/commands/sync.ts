/** `mosh-portguard sync`: one reconcile step, by the running daemon or, without one, by this process under the same lock. */

import { createOneShot } from "../../daemon/create-guard.js";
import { takeLock } from "../../daemon/lock.js";
import { prepareRuntimeFolder } from "../../daemon/runtime-folder.js";
import type { FirewallChange } from "../../firewall/firewall.js";
import { type Context, needPrivilege } from "../context.js";
import type { ChangeOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { formatChange } from "../output/format-change.js";
import { askGuard } from "../queries/ask-guard.js";

export async function sync(context: Context, options: ChangeOptions): Promise<number> {
	const dryRun = options.dryRun === true;
	const answer = await askGuard(context, { type: "sync", dryRun }, "synced");
	const change = answer && { open: answer.opened, close: answer.closed };
	context.write(formatChange(change ?? (await syncAlone(context, dryRun)), options));
	return EXIT.ok;
}

async function syncAlone(context: Context, dryRun: boolean): Promise<FirewallChange> {
	needPrivilege(context, "sync without a running guard");
	if (dryRun) {
		return await (await createOneShot(context)).plan();
	}
	prepareRuntimeFolder(context.paths.folder);
	const lock = takeLock(context.paths.lock);
	try {
		// No process stays to renew openings or to notice the end of a session: the next guard or `sync` does.
		return await (await createOneShot(context, { persistent: true })).reconcile();
	} finally {
		lock.release();
	}
}
