/** Reads the host's nftables, where nft 1.0.6 leaves the flags of tables out of its JSON, and breaks off at a dormant one. */

import type { Commands } from "../../system/commands.js";
import { FirewallError } from "../errors.js";
import { parseElements } from "../path/nft-listing.js";
import { type PlainTable, parsePlain } from "../path/nft-plain.js";
import { mayHoldOurs } from "./owned-objects.js";
import { type NftSet, type NftTable, parseRuleset, parseSet } from "./ruleset.js";

/**
 * Without the elements of sets, other than of names: an administrator's block lists may hold hundreds of thousands.
 * @throws FirewallError
 */
export async function readRuleset(commands: Commands): Promise<NftTable[]> {
	const tables = await readTerse(commands);
	return Promise.all(tables.map((table) => withNames(commands, table)));
}

/** With the elements of those that its rules ask. */
async function withNames(commands: Commands, table: NftTable): Promise<NftTable> {
	const { family, name, names, chains } = table;
	if (names.size === 0) {
		return table;
	}
	const rules = JSON.stringify([...chains.values()]);
	const asked = [...names].filter(([set]) => rules.includes(`"@${set}"`));
	const read = await Promise.all(
		asked.map(async ([set, { kind }]) => {
			const args = ["-j", "list", kind, family, name, set];
			const { stdout, exitCode } = await commands.run("nft", args, { answers: [1] });
			return [set, { kind, elements: exitCode === 0 ? parseElements(stdout) : undefined }] as const;
		}),
	);
	return { ...table, names: new Map([...names, ...read]) };
}

async function readTerse(commands: Commands): Promise<NftTable[]> {
	const { stdout } = await commands.run("nft", ["-t", "-j", "list", "ruleset"]);
	try {
		return parseRuleset(stdout);
	} catch (error) {
		if (!(error instanceof FirewallError)) {
			throw error;
		}
		const tables = await readPlain(commands);
		if (!tables.some(({ dormant }) => dormant)) {
			throw error;
		}
		const listings = await Promise.all(
			tables
				.filter(({ dormant }) => !dormant)
				.map(({ family, name }) => commands.run("nft", ["-t", "-j", "list", "table", family, name])),
		);
		return listings.flatMap((listing) => parseRuleset(listing.stdout));
	}
}

/**
 * The table as it is now, with the elements of those sets that may hold ours; undefined when it no longer exists. nft 1.0.6
 * fetches all sets of a table that it lists, even where it prints none of their elements, which took 5 s with 300,000 addresses;
 * `list ruleset -t` fetches none, and `list set` only that one.
 * @param seen an earlier listing
 * @throws FirewallError
 */
export async function readTable(commands: Commands, seen: NftTable): Promise<NftTable | undefined> {
	const { family, name } = seen;
	if ([...seen.sets.values()].every(mayHoldOurs)) {
		const args = ["-j", "list", "table", family, name];
		const { stdout, exitCode } = await commands.run("nft", args, { answers: [1] });
		const table = exitCode === 0 ? parseRuleset(stdout)[0] : undefined;
		return table && (await withNames(commands, table));
	}
	const table = (await readRuleset(commands)).find((one) => one.family === family && one.name === name);
	return table && withElements(commands, table);
}

/** The same with the elements of those sets that may hold ours. @throws FirewallError */
export async function withElements(commands: Commands, table: NftTable): Promise<NftTable> {
	const { family, name, sets } = table;
	const read = await Promise.all(
		[...sets.values()].filter(mayHoldOurs).map(async (set): Promise<readonly [string, NftSet]> => {
			const args = ["-j", "list", "set", family, name, set.name];
			const { stdout, exitCode } = await commands.run("nft", args, { answers: [1] });
			// One that is gone meanwhile holds nothing.
			return [set.name, (exitCode === 0 ? parseSet(stdout) : undefined) ?? set];
		}),
	);
	return { ...table, sets: new Map([...sets, ...read]) };
}

/** Without the tables that their administrator switched off. */
export async function withoutDormant(
	commands: Commands,
	tables: readonly NftTable[],
): Promise<readonly NftTable[]> {
	const dormant = new Set(
		(await readPlain(commands)).flatMap((table) => (table.dormant ? [`${table.family} ${table.name}`] : [])),
	);
	return tables.filter(({ family, name }) => !dormant.has(`${family} ${name}`));
}

async function readPlain(commands: Commands): Promise<PlainTable[]> {
	return parsePlain((await commands.run("nft", ["-t", "list", "ruleset"])).stdout);
}
