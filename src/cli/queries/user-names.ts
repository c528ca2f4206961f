/** Names of users for people to read. */

import { SystemAccounts } from "../../system/accounts.js";
import type { Context } from "../context.js";

/** The name of each uid; the number itself where the host knows none or cannot be asked. */
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
