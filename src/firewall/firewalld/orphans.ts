/**
 * What a firewalld that was killed leaves in force: its tables, our rules among them. They have neither comment nor priority there,
 * so a rule is ours only where it is known that this opening was made.
 */

import { canonicalAddress, type Family, wildcardOf } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import type { Opening } from "../firewall.js";
import { openingKey } from "../opening.js";
import { type PlainTable, parsePlain } from "../path/nft-plain.js";

/** A rule like ours in a table of firewalld. */
export interface Orphan {
	readonly opening: Opening;
	/** As `nft` takes it: `inet firewalld filter_IN_public_post handle 7`. */
	readonly place: string;
}

/** Rules of a positive priority, such as ours, stand in the last chain of a zone. */
const LAST_CHAIN = /^filter_IN_.+_post$/;
const ACCEPT =
	/^(?:ip6? daddr (?<address>\S+) |meta nfproto (?<family>ipv[46]) )udp dport (?<port>\d+) (?:ct state (?:new,untracked|\{ new, untracked \}) )?accept$/;

/** Pure. */
export function orphansIn(tables: readonly PlainTable[]): Orphan[] {
	return tables
		.filter(({ name }) => name === "firewalld")
		.flatMap((table) =>
			table.chains
				.filter(({ name }) => LAST_CHAIN.test(name))
				.flatMap(({ name, rules }) =>
					rules.flatMap(({ text, handle }) => {
						const opening = openingOf(text);
						return opening === undefined
							? []
							: [{ opening, place: `${table.family} ${table.name} ${name} handle ${handle}` }];
					}),
				),
		);
}

function openingOf(text: string): Opening | undefined {
	const { address, family: named, port } = ACCEPT.exec(text)?.groups ?? {};
	if (port === undefined) {
		return undefined;
	}
	const family: Family = named === "ipv6" || address?.includes(":") ? "ipv6" : "ipv4";
	const local = address ?? wildcardOf(family);
	return canonicalAddress(family, local) === local
		? { family, address: local, port: Number(port) }
		: undefined;
}

/** Without nft there are none that anyone could see. @throws FirewallError */
export async function readOrphans(commands: Commands): Promise<Orphan[]> {
	if ((await commands.find("nft")) === undefined) {
		return [];
	}
	return orphansIn(parsePlain((await commands.run("nft", ["-t", "-a", "list", "ruleset"])).stdout));
}

/** Deletes those of the openings. @throws FirewallError */
export async function removeOrphans(commands: Commands, openings: readonly Opening[]): Promise<void> {
	const keys = new Set(openings.map(openingKey));
	const lines = (await readOrphans(commands))
		.filter(({ opening }) => keys.has(openingKey(opening)))
		.map(({ place }) => `delete rule ${place}\n`);
	if (lines.length > 0) {
		await commands.run("nft", ["-f", "-"], { input: lines.join("") });
	}
}
