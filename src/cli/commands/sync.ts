/** `mosh-portguard sync`: one reconcile now, by the daemon or, with none, by ourselves under the same lock. */

import { createOneShot } from "../../daemon/create-guard.js";
import { takeLock } from "../../daemon/lock.js";
import { prepareRuntimeFolder } from "../../daemon/runtime-folder.js";
import type { FirewallChange } from "../../firewall/firewall.js";
import { type Context, needPrivilege } from "../context.js";
import { EXIT } from "../output/exit-codes.js";
import { endpoint, json } from "../output/format.js";
import { askGuard } from "../queries/ask-guard.js";

export interface ChangeOptions {
	readonly dryRun?: boolean;
	readonly json?: boolean;
}

export async function sync(context: Context, options: ChangeOptions): Promise<number> {
	const dryRun = options.dryRun === true;
	const answer = await askGuard(context, { type: "sync", dryRun }, "synced");
	const change = answer && { open: answer.opened, close: answer.closed };
	showChange(context, change ?? (await syncAlone(context, dryRun)), options);
	return EXIT.ok;
}

export function showChange(context: Context, { open, close }: FirewallChange, options: ChangeOptions): void {
	const dryRun = options.dryRun === true;
	if (options.json) {
		context.write(json({ schema: 1, dryRun, opened: open, closed: close }));
		return;
	}
	const would = dryRun ? "would be " : "";
	const lines = [
		...open.map((opening) => `${would}opened  ${endpoint(opening)}`),
		...close.map((opening) => `${would}closed  ${endpoint(opening)}`),
	];
	context.write(lines.length === 0 ? "nothing to change\n" : `${lines.join("\n")}\n`);
}

async function syncAlone(context: Context, dryRun: boolean): Promise<FirewallChange> {
	needPrivilege(context, "sync without a running guard");
	if (dryRun) return await (await createOneShot(context)).plan();
	prepareRuntimeFolder(context.paths.folder);
	const lock = takeLock(context.paths.lock);
	try {
		// Persistent: no guard stays to renew what is opened. The next guard or sync closes it after the session's end.
		return await (await createOneShot(context, true)).reconcile();
	} finally {
		lock.release();
	}
}
