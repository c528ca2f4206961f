/** Turns the configuration into the guard's settings: user and group names become the ids that the kernel reports. */

import type { Config } from "../config/schema.js";
import type { Accounts } from "../system/accounts.js";
import type { Trust } from "./sessions/identity.js";
import type { Policy } from "./sessions/policy.js";

/** What the configuration decides, names resolved. */
export interface Settings {
	readonly policy: Policy;
	readonly trust: Trust;
	/** Users and groups in the configuration that do not exist on this host. They allow and deny nobody. */
	readonly unknownNames: readonly string[];
}

export async function settingsFrom(config: Config, accounts: Accounts): Promise<Settings> {
	const unknownNames: string[] = [];
	const resolve = async (names: readonly string[], kind: "user" | "group") => {
		const ids: number[] = [];
		for (const name of names) {
			const id = await (kind === "user" ? accounts.uid(name) : accounts.gid(name));
			if (id === undefined) unknownNames.push(`${kind} ${name}`);
			else ids.push(id);
		}
		return ids;
	};
	const { users, groups, addresses, limits, ports, servers } = config;
	const everybody = users.allow.length === 0 && groups.allow.length === 0;
	return {
		policy: {
			ports,
			allowAddresses: addresses.allow,
			denyAddresses: addresses.deny,
			allowUids: everybody ? undefined : await resolve(users.allow, "user"),
			allowGids: everybody ? undefined : await resolve(groups.allow, "group"),
			denyUids: await resolve(users.deny, "user"),
			denyGids: await resolve(groups.deny, "group"),
			perUser: limits.per_user,
			total: limits.total,
			perMinute: limits.per_minute,
		},
		trust: servers,
		unknownNames,
	};
}
