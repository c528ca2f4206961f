/** Reads the host's nftables, where nft 1.0.6 leaves the flags of tables out of its JSON, and breaks off at a dormant one. */

import type { Commands } from "../../system/commands.js";
import { FirewallError } from "../errors.js";
import { type PlainTable, parsePlain } from "../path/nft-plain.js";
import { type NftTable, parseRuleset } from "./ruleset.js";

/** @throws FirewallError */
export async function readRuleset(commands: Commands, withoutElements: boolean): Promise<NftTable[]> {
	const terse = withoutElements ? ["-t"] : [];
	const { stdout } = await commands.run("nft", [...terse, "-j", "list", "ruleset"]);
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
				.map(({ family, name }) => commands.run("nft", [...terse, "-j", "list", "table", family, name])),
		);
		return listings.flatMap((listing) => parseRuleset(listing.stdout));
	}
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
