/** Which tables of nf_tables iptables keeps, and whether it prints their rules as they are. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Family } from "../../system/addresses.js";
import type { Commands, Output } from "../../system/commands.js";
import { FirewallError } from "../errors.js";
import { looksLikeIptables, toListed } from "../nftables/insertion-point.js";
import { readRuleset } from "../nftables/read-ruleset.js";
import { type NftTable, parseRuleset } from "../nftables/ruleset.js";
import type { Ipsets } from "../path/iptables-match.js";
import { asksNamedSets, pair } from "../path/iptables-pairs.js";
import { parseSaved } from "../path/iptables-rules.js";
import { Remembered } from "../remembered.js";
import { NFT_FAMILY } from "./variant.js";

const SAVE: Readonly<Record<string, string>> = { ip: "iptables-nft-save", ip6: "ip6tables-nft-save" };

const UNREAD_IPSETS: Ipsets = { typeOf: () => undefined, has: () => undefined };

/**
 * Those that have a rule only iptables writes, and those that it prints as nft does. An administrator may have named a table of
 * their own, written for nft, as iptables names its. @returns names such as `ip filter`
 */
export async function iptablesTables(
	commands: Commands,
	tables: readonly NftTable[],
): Promise<ReadonlySet<string>> {
	const owned = new Set<string>();
	for (const table of tables.filter(looksLikeIptables)) {
		if (hasExtension(table) || (!asksSets(table) && (await agree(commands, table)))) {
			owned.add(`${table.family} ${table.name}`);
		}
	}
	return owned;
}

/** nft answers 1 without the table, and without JSON, with which there is nothing to compare. */
function listTable(commands: Commands, family: string, name: string): Promise<Output> {
	return commands.run("nft", ["-t", "-j", "list", "table", family, name], { answers: [1] });
}

/** How often both listings are compared before a table counts as written for nft, and how long (ms) between two comparisons. */
const COMPARISONS = 3;
const BETWEEN_COMPARISONS_MS = 150;

/**
 * Whether iptables prints the table as nft does. Commands of iptables that run meanwhile make the two listings differ, so a
 * difference counts only when it lasts.
 */
async function agree(commands: Commands, listed: NftTable): Promise<boolean> {
	let table: NftTable | undefined = listed;
	for (let round = 1; table !== undefined; round += 1) {
		if (hasExtension(table) || (await disagreements(commands, table, round > 1)).length === 0) {
			return true;
		}
		if (round === COMPARISONS) {
			return false;
		}
		await sleep(BETWEEN_COMPARISONS_MS);
		const { stdout, exitCode } = await listTable(commands, table.family, table.name);
		table = exitCode === 0 ? parseRuleset(stdout)[0] : undefined;
	}
	return false;
}

/** Where iptables prints other rules than nft, a sentence each. @throws FirewallError */
export async function disagreements(
	commands: Commands,
	table: NftTable,
	fresh = false,
): Promise<readonly string[]> {
	const save = SAVE[table.family];
	if (save === undefined || (await commands.find(save)) === undefined) {
		return [`iptables does not print table ${table.family} ${table.name}.`];
	}
	const { stdout } = await commands.run(save, ["-t", table.name], { fresh });
	return disagreementsWith(table, stdout);
}

/** Pure. @param text of iptables-save */
export function disagreementsWith(table: NftTable, text: string): readonly string[] {
	const saved = parseSaved(text).find(({ name }) => name === table.name);
	return pair(toListed(table), saved, UNREAD_IPSETS, () => false).disagreements;
}

/** A match or target of x_tables, which nft cannot write. */
export function hasExtension({ chains }: NftTable): boolean {
	return [...chains.values()].some(({ rules }) =>
		rules.some(({ statements }) => statements.some((statement) => "xt" in statement)),
	);
}

export type Compared =
	/** The listings agree, or there is no nft to compare with. Sets in the table are of nftables: iptables fetches what is in them. */
	| { readonly kind: "same"; readonly hasSets?: true }
	/** iptables prints chains of a table that is not there. */
	| { readonly kind: "absent" }
	/** The table must not be changed by what iptables shows of it. */
	| { readonly kind: "different"; readonly reason: string };

const SAME = { kind: "same" } as const;

/** Whether iptables prints the filter table as it is. @param fresh by listings that begin now */
export async function compareFilterTable(
	commands: Commands,
	family: Family,
	fresh = false,
): Promise<Compared> {
	if ((await commands.find("nft")) === undefined) {
		return SAME;
	}
	const nftFamily = NFT_FAMILY[family];
	// Of the whole ruleset: to list a table, nft 1.0.6 fetches all of its sets.
	const tables = await readRuleset(commands).catch((error: unknown) => {
		if (error instanceof FirewallError) {
			return undefined;
		}
		throw error;
	});
	if (tables === undefined) {
		// Without JSON there is nothing to compare with.
		return SAME;
	}
	const table = tables.find((one) => one.family === nftFamily && one.name === "filter");
	if (table === undefined) {
		return { kind: "absent" };
	}
	const save = SAVE[nftFamily] ?? "";
	if (!looksLikeIptables(table) || (await commands.find(save)) === undefined) {
		return SAME;
	}
	const { stdout: saved } = await commands.run(save, ["-t", table.name], { fresh });
	const key = [
		[...table.sets.keys(), ...table.names.keys(), ...table.ranges].join(),
		JSON.stringify([...table.chains]).replace(/"(packets|bytes)":\d+/g, ""),
		saved.replace(/^#.*Generated.*|^#.*Completed.*|\[\d+:\d+\]/gm, ""),
	];
	const found = compared.get(key.join("\n"), () => {
		const [reason] = disagreementsWith(table, saved);
		if (reason !== undefined) {
			return { kind: "different", reason };
		}
		return table.sets.size + table.names.size + table.ranges.size > 0 ? { ...SAME, hasSets: true } : SAME;
	});
	// One of the two listings may be older than the other.
	return found.kind === "different" && !fresh && !asksSets(table)
		? compareFilterTable(commands, family, true)
		: found;
}

function asksSets({ chains }: NftTable): boolean {
	return asksNamedSets({ chains: chains.values() });
}

const compared = new Remembered<Compared>();
