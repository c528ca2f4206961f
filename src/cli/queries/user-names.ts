/** Looks up the names of users, for display. */

import { SystemAccounts } from "../../system/accounts.js";
import type { Context } from "../context.js";

/** Returns a function from uid to name, or to the number where the lookup finds no name or fails. */
export async function userNames(
	{ commands }: Context,
	uids: readonly number[],
): Promise<(uid: number) => string> {
	const accounts = new SystemAccounts(commands);
	const names = new Map<number, string>();
	for (const uid of new Set(uids)) {
		const name = await accounts.userName(uid).catch(() => undefined);
		if (name !== undefined) names.set(uid, name);
	}
	return (uid) => names.get(uid) ?? String(uid);
}
