/** Our objects in the tables of iptables as nft shows them: it lists and removes also what iptables cannot print. */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { FirewallError } from "../errors.js";
import { TAG } from "../opening.js";
import { type PlainTable, parsePlain } from "../path/nft-plain.js";
import { CHAIN } from "./rule.js";

const FAMILY_OF: Readonly<Record<string, Family>> = { ip: "ipv4", ip6: "ipv6" };

/**
 * Deletes them by their handles.
 * @throws FirewallError `tool-failed` while any of them is left
 */
export async function removeNative(commands: Commands, family?: Family): Promise<void> {
	const script = removalOf(await readTables(commands), family);
	if (script === "") {
		return;
	}
	await commands.run("nft", ["-f", "-"], { input: script });
	if (removalOf(await readTables(commands), family) === "") {
		return;
	}
	throw new FirewallError(
		"tool-failed",
		`Rules of the guard are left in the tables of iptables: \`nft -a list ruleset\` shows them as ${CHAIN}.`,
	);
}

/** Pure. A script for `nft -f`, empty where there is nothing of ours. */
export function removalOf(tables: readonly PlainTable[], family?: Family): string {
	const own = tables.filter(
		(table) =>
			table.name === "filter" &&
			FAMILY_OF[table.family] !== undefined &&
			(family === undefined || FAMILY_OF[table.family] === family),
	);
	const lines = own.flatMap((table) => {
		const place = `${table.family} ${table.name}`;
		const strays = table.chains
			.filter(({ name }) => name !== CHAIN)
			.flatMap(({ name, rules }) =>
				rules
					.filter(({ text }) => isOurs(text))
					.map(({ handle }) => `delete rule ${place} ${name} handle ${handle}`),
			);
		const hasChain = table.chains.some(({ name }) => name === CHAIN);
		return [
			...strays,
			...(hasChain ? [`flush chain ${place} ${CHAIN}`, `delete chain ${place} ${CHAIN}`] : []),
		];
	});
	return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function isOurs(text: string): boolean {
	const words = text.split(" ");
	return (
		words.some((word, at) => word === CHAIN && /^(jump|goto)$/.test(words[at - 1] ?? "")) ||
		text.endsWith(`comment "${TAG}"`)
	);
}

/** Without nft, or where the kernel has no tables for it, there are none. */
async function readTables(commands: Commands): Promise<PlainTable[]> {
	if ((await commands.find("nft")) === undefined) {
		return [];
	}
	const listed = await commands.run("nft", ["-t", "-a", "list", "ruleset"]).catch((error: unknown) => {
		if (error instanceof FirewallError) {
			return undefined;
		}
		throw error;
	});
	return listed === undefined ? [] : parsePlain(listed.stdout);
}
