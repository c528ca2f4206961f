/** Which tables of nf_tables iptables keeps, and whether it prints their rules as they are. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Family } from "../../system/addresses.js";
import type { Commands, Output } from "../../system/commands.js";
import { looksLikeIptables, toListed } from "../nftables/insertion-point.js";
import { type NftTable, parseRuleset } from "../nftables/ruleset.js";
import type { Ipsets } from "../path/iptables-match.js";
import { pair } from "../path/iptables-pairs.js";
import { parseSaved } from "../path/iptables-rules.js";
import { Remembered } from "../remembered.js";

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
		if (hasExtension(table) || (await agree(commands, table))) {
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
		if (hasExtension(table) || (await disagreements(commands, table)).length === 0) {
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
export async function disagreements(commands: Commands, table: NftTable): Promise<readonly string[]> {
	const save = SAVE[table.family];
	if (save === undefined || (await commands.find(save)) === undefined) {
		return [`iptables does not print table ${table.family} ${table.name}.`];
	}
	const { stdout } = await commands.run(save, ["-t", table.name]);
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
	/** The listings agree, or there is no nft to compare with. */
	| { readonly kind: "same" }
	/** iptables prints chains of a table that is not there. */
	| { readonly kind: "absent" }
	/** The table must not be changed by what iptables shows of it. */
	| { readonly kind: "different"; readonly reason: string };

const SAME: Compared = { kind: "same" };

/** Whether iptables prints the filter table as it is. */
export async function compareFilterTable(commands: Commands, family: Family): Promise<Compared> {
	if ((await commands.find("nft")) === undefined) {
		return SAME;
	}
	const nftFamily = family === "ipv4" ? "ip" : "ip6";
	const { stdout, stderr, exitCode } = await listTable(commands, nftFamily, "filter");
	if (exitCode !== 0) {
		// Without JSON there is nothing to compare with.
		return /No such file or directory/.test(stderr) ? { kind: "absent" } : SAME;
	}
	const save = SAVE[nftFamily] ?? "";
	if ((await commands.find(save)) === undefined) {
		return SAME;
	}
	const saved = (await commands.run(save, ["-t", "filter"])).stdout;
	const key = [
		stdout.replace(/"(packets|bytes)": \d+/g, ""),
		saved.replace(/^#.*Generated.*|^#.*Completed.*|\[\d+:\d+\]/gm, ""),
	];
	return compared.get(key.join("\n"), () => {
		const [table] = parseRuleset(stdout);
		if (table === undefined || !looksLikeIptables(table)) {
			return SAME;
		}
		const [reason] = disagreementsWith(table, saved);
		return reason === undefined ? SAME : { kind: "different", reason };
	});
}

const compared = new Remembered<Compared>();
