/** Turns the configuration into the guard's settings: user and group names become the ids that the kernel reports. */

import type { Config } from "../config/schema.js";
import type { AccountName, Names } from "./account-names.js";
import type { Policy } from "./sessions/policy.js";
import type { Trust } from "./sessions/trust.js";

/** What the configuration decides, names resolved. */
export interface Settings {
	readonly policy: Policy;
	readonly trust: Trust;
	/** Users and groups in the configuration that this host does not know, or has not looked up yet. */
	readonly unknownNames: readonly string[];
}

/** All that the configuration names. */
export function namesIn({ users, groups }: Pick<Config, "users" | "groups">): AccountName[] {
	return [
		...[...users.allow, ...users.deny].map((name) => ({ kind: "user", name }) as const),
		...[...groups.allow, ...groups.deny].map((name) => ({ kind: "group", name }) as const),
	];
}

/**
 * An allow that is not known allows nobody. A denied group that is not known may have anybody as its member, and so may a denied
 * user be anybody while the name service does not answer (one that it does not have can own no process: to log in takes a name).
 */
export function settingsFrom(config: Config, names: Names): Settings {
	const { users, groups, addresses, limits, ports, servers } = config;
	const everybody = users.allow.length === 0 && groups.allow.length === 0;
	const all = (kind: AccountName["kind"], list: readonly string[]) =>
		list.map((name) => ({ label: `${kind} ${name}`, kind, ...names.answerOf({ kind, name }) }));
	const idsOf = (answers: readonly { readonly id?: number }[]) => answers.flatMap(({ id }) => id ?? []);
	const allowed = (kind: AccountName["kind"], list: readonly string[]) =>
		everybody ? undefined : idsOf(all(kind, list).filter(({ state }) => state !== "absent"));
	const denied = [...all("user", users.deny), ...all("group", groups.deny)];
	const unknownDenials = denied
		.filter(({ id, kind, state }) => id === undefined && (kind === "group" || state === "unanswered"))
		.map(({ label }) => label);
	const unknownNames = namesIn(config)
		.filter((name) => names.answerOf(name).state !== "known")
		.map(({ kind, name }) => `${kind} ${name}`);
	return {
		policy: {
			ports,
			allowAddresses: addresses.allow,
			denyAddresses: addresses.deny,
			allowUids: allowed("user", users.allow),
			allowGids: allowed("group", groups.allow),
			denyUids: idsOf(denied.filter(({ kind }) => kind === "user")),
			denyGids: idsOf(denied.filter(({ kind }) => kind === "group")),
			unknownDenials,
			perUser: limits.per_user,
			total: limits.total,
			perMinute: limits.per_minute,
		},
		trust: servers,
		unknownNames: [...new Set(unknownNames)],
	};
}
