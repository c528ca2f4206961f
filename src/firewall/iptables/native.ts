/** Our objects in the tables of iptables as nft shows them: it lists and removes also what iptables cannot print. */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, isWildcard, wildcardOf } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { FirewallError } from "../errors.js";
import type { Opening } from "../firewall.js";
import { openingKey, TAG } from "../opening.js";
import { type PlainTable, parsePlain } from "../path/nft-plain.js";
import type { InsertionPoint } from "./insertion-point.js";
import { CHAIN } from "./rule.js";
import { NFT_FAMILY } from "./variant.js";

const FAMILY_OF: Readonly<Record<string, Family>> = { ip: "ipv4", ip6: "ipv6" };

/**
 * Deletes them by their handles.
 * @returns whether nft knows iptables' tables, of which nothing is ours now; without nft, or such a table, that is for iptables to say
 * @throws FirewallError `tool-failed` while any of them is left
 */
export async function removeNative(commands: Commands, family?: Family): Promise<boolean> {
	const tables = await readTables(commands);
	const script = removalOf(tables, family);
	if (script !== "") {
		await commands.run("nft", ["-f", "-"], { input: script });
		if (removalOf(await readTables(commands), family) !== "") {
			throw leftOver();
		}
	}
	return tables.some(isFilter);
}

function leftOver(): FirewallError {
	return new FirewallError(
		"tool-failed",
		`Rules of the guard are left in the tables of iptables: \`nft -a list ruleset\` shows them as ${CHAIN}.`,
	);
}

/** In our chain, behind what is there. @throws FirewallError */
export async function openNative(
	commands: Commands,
	family: Family,
	openings: readonly Opening[],
): Promise<void> {
	const input = openings.map((opening) => `${addLine(family, opening)}\n`).join("");
	await commands.run("nft", ["-f", "-"], { input, prestart: true });
}

/** As `rebuildScript` for iptables. @throws FirewallError */
export async function rebuildNative(
	commands: Commands,
	family: Family,
	openings: readonly Opening[],
	point: InsertionPoint,
): Promise<void> {
	const input = rebuildOf(await listTables(commands), family, openings, point);
	await commands.run("nft", ["-f", "-"], { input });
}

/** Pure. iptables prints each as it would write it itself. */
export function rebuildOf(
	tables: readonly PlainTable[],
	family: Family,
	openings: readonly Opening[],
	{ chain, index }: InsertionPoint,
): string {
	const table = tables.find((one) => isFilter(one) && FAMILY_OF[one.family] === family);
	const foreign = table?.chains.find(({ name }) => name === chain)?.rules.filter(({ text }) => !isOurs(text));
	const before = foreign?.[index]?.handle;
	const place = `${NFT_FAMILY[family]} filter`;
	const insert =
		before === undefined ? `add rule ${place} ${chain}` : `insert rule ${place} ${chain} handle ${before}`;
	return `${[
		`add chain ${place} ${CHAIN}`,
		`flush chain ${place} ${CHAIN}`,
		...openings.map((opening) => addLine(family, opening)),
		...(table === undefined ? [] : strayRemovals(table)),
		`${insert} meta l4proto udp counter jump ${CHAIN} comment "${TAG}"`,
	].join("\n")}\n`;
}

function addLine(family: Family, opening: Opening): string {
	const { address, port } = opening;
	const table = NFT_FAMILY[family];
	const to = isWildcard(opening) ? "" : `${table} daddr ${address} `;
	return `add rule ${table} filter ${CHAIN} ${to}udp dport ${port} counter accept comment "${TAG}"`;
}

/** What our chain of that family opens. @throws FirewallError where nft cannot list it, or is missing */
export async function listNative(commands: Commands, family: Family): Promise<Opening[]> {
	return nativeOpenings(await listTables(commands), family).map(({ opening }) => opening);
}

/**
 * Deletes single openings by their handles.
 * @returns those that it has found
 * @throws FirewallError `tool-failed` while any of them is left
 */
export async function closeNative(
	commands: Commands,
	family: Family,
	openings: readonly Opening[],
): Promise<readonly Opening[]> {
	const unwanted = new Set(openings.map(openingKey));
	const find = async () =>
		nativeOpenings(await listTables(commands), family).filter(({ opening }) =>
			unwanted.has(openingKey(opening)),
		);
	const found = await find();
	if (found.length === 0) {
		return [];
	}
	await commands.run("nft", ["-f", "-"], {
		input: found.map(({ place }) => `delete rule ${place}\n`).join(""),
	});
	if ((await find()).length > 0) {
		throw leftOver();
	}
	return found.map(({ opening }) => opening);
}

/** Datagrams that each opening's rule let in, by its key. @throws FirewallError where nft cannot list them, or is missing */
export async function countNative(commands: Commands, family: Family): Promise<Map<string, number>> {
	const found = nativeOpenings(await listTables(commands), family);
	return new Map(
		found.flatMap(({ opening, packets }) =>
			packets === undefined ? [] : [[openingKey(opening), packets] as const],
		),
	);
}

export interface NativeOpening {
	readonly opening: Opening;
	/** For `nft delete rule`. */
	readonly place: string;
	/** Datagrams that its rule let in; undefined for one that does not count. */
	readonly packets: number | undefined;
}

const ACCEPT = /^(?:ip6? daddr (\S+) )?udp dport (\d+)\b.* accept(?: comment "[^"]*")?$/;

const COUNTER = / counter packets (\d+) /;

/** Pure. */
export function nativeOpenings(tables: readonly PlainTable[], family: Family): NativeOpening[] {
	return tables
		.filter((table) => table.name === "filter" && FAMILY_OF[table.family] === family)
		.flatMap((table) =>
			(table.chains.find(({ name }) => name === CHAIN)?.rules ?? []).flatMap(({ text, handle }) => {
				const [, to = wildcardOf(family), port] = ACCEPT.exec(text) ?? [];
				const address = canonicalAddress(family, to);
				if (port === undefined || address === undefined) {
					return [];
				}
				const place = `${table.family} ${table.name} ${CHAIN} handle ${handle}`;
				const count = COUNTER.exec(text)?.[1];
				const packets = count === undefined ? undefined : Number(count);
				return [{ opening: { family, address, port: Number(port) }, place, packets }];
			}),
		);
}

/** Pure. A script for `nft -f`, empty where there is nothing of ours. */
export function removalOf(tables: readonly PlainTable[], family?: Family): string {
	const own = tables.filter(
		(table) => isFilter(table) && (family === undefined || FAMILY_OF[table.family] === family),
	);
	const lines = own.flatMap((table) => {
		const place = `${table.family} ${table.name}`;
		const hasChain = table.chains.some(({ name }) => name === CHAIN);
		return [
			...strayRemovals(table),
			...(hasChain ? [`flush chain ${place} ${CHAIN}`, `delete chain ${place} ${CHAIN}`] : []),
		];
	});
	return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function strayRemovals({ family, name: table, chains }: PlainTable): string[] {
	return chains
		.filter(({ name }) => name !== CHAIN)
		.flatMap(({ name, rules }) =>
			rules
				.filter(({ text }) => isOurs(text))
				.map(({ handle }) => `delete rule ${family} ${table} ${name} handle ${handle}`),
		);
}

function isFilter({ family, name }: PlainTable): boolean {
	return name === "filter" && FAMILY_OF[family] !== undefined;
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
	return listTables(commands).catch((error: unknown) => {
		if (error instanceof FirewallError) {
			return [];
		}
		throw error;
	});
}

async function listTables(commands: Commands): Promise<PlainTable[]> {
	return parsePlain((await commands.run("nft", ["-t", "-a", "list", "ruleset"])).stdout);
}
