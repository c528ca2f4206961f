/** Looks up the names of users, for display. */

import { SystemAccounts } from "../../system/accounts.js";
import type { Context } from "../context.js";
import { printable } from "../output/format.js";

/** A number does as well: nobody waits for a directory that is silent. */
const LIMIT_MS = 500;

/** Returns a function from uid to name, or to the number where the lookup finds no name or fails. */
export async function userNames(
	{ commands }: Context,
	uids: readonly number[],
): Promise<(uid: number) => string> {
	const accounts = new SystemAccounts(commands, { timeoutMs: LIMIT_MS });
	const names = new Map<number, string>();
	const until = Date.now() + LIMIT_MS;
	for (const uid of new Set(uids)) {
		if (Date.now() >= until) {
			break;
		}
		const name = await accounts.userName(uid).catch(() => undefined);
		if (name !== undefined) {
			names.set(uid, printable(name));
		}
	}
	return (uid) => names.get(uid) ?? String(uid);
}
