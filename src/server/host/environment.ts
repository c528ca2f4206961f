/** The environment as a record, for look-ups, and as the list of entries that a program inherits. */

import type { Environment } from "./locale.js";

/** As getenv(3): of several entries with the same name the first counts. */
export function recordOf(entries: readonly string[]): Environment {
	const pairs = entries.flatMap((entry): [string, string][] => {
		const equals = entry.indexOf("=");
		return equals < 0 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)]];
	});
	return Object.fromEntries(pairs.reverse());
}

/** As unsetenv(3): removes all entries of that name. */
export function without(entries: readonly string[], name: string): string[] {
	return entries.filter((entry) => !entry.startsWith(`${name}=`));
}

/** As setenv(3): replaces the first entry of that name, or appends one. */
export function withValue(entries: readonly string[], name: string, value: string): string[] {
	const at = entries.findIndex((entry) => entry.startsWith(`${name}=`));
	const entry = `${name}=${value}`;
	return at < 0 ? [...entries, entry] : [...entries.slice(0, at), entry, ...entries.slice(at + 1)];
}

/**
 * `entries` without those named in `cleared`, then changed to the values in `wanted`. Everything else and the order stay.
 * @param wanted the whole environment as it is to be
 */
export function changedTo(
	entries: readonly string[],
	cleared: readonly string[],
	wanted: Environment,
): string[] {
	let list = cleared.reduce<string[]>(without, [...entries]);
	const kept = recordOf(list);
	for (const [name, value] of Object.entries(wanted)) {
		if (value !== undefined && value !== kept[name]) {
			list = withValue(list, name, value);
		}
	}
	return list;
}
