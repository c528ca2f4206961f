/** Reads the filter tables of both iptables variants: over nf_tables and over the older x_tables. Their rules are separate. */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { type FilterTable, parseSave } from "./save.js";

export type Variant = "nft" | "legacy";

export const VARIANTS: readonly Variant[] = ["nft", "legacy"];

const PREFIX: Record<Family, string> = { ipv4: "iptables", ipv6: "ip6tables" };

export function tool(family: Family, variant: Variant, suffix: "save" | "restore"): string {
	return `${PREFIX[family]}-${variant}-${suffix}`;
}

/** What the tools say where the kernel has no such rules: built without nf_tables or x_tables, or without IPv6. */
const UNSUPPORTED = /not supported|Failed to initialize|can't initialize|Table does not exist/i;

/**
 * Empty where the host has no such rules: the kernel supports none, or no command is installed that lists them.
 * Does not load a kernel module or create a table where there is none.
 * @param wasListed whether the table has been listed before: a command that is gone since then hides rules that are still there
 * @throws FirewallError
 */
export async function readFilterTable(
	commands: Commands,
	family: Family,
	variant: Variant,
	wasListed = false,
): Promise<FilterTable> {
	return (await readSupported(commands, family, variant, wasListed)) ?? new Map();
}

/** Undefined where the host has no such rules. @throws FirewallError when they cannot be listed for another reason */
async function readSupported(
	commands: Commands,
	family: Family,
	variant: Variant,
	wasListed = false,
): Promise<FilterTable | undefined> {
	const save = tool(family, variant, "save");
	// Without -t the legacy command lists existing tables only; with -t it would create the table.
	const args = variant === "legacy" ? [] : ["-t", "filter"];
	try {
		return parseSave((await commands.run(save, args)).stdout);
	} catch (error) {
		if (error instanceof Error && UNSUPPORTED.test(error.message)) {
			return undefined;
		}
		if (!wasListed && (await commands.find(save)) === undefined) {
			return undefined;
		}
		throw error;
	}
}

export type Tables = Record<Family, FilterTable>;

/** @param wasListed families whose table has been listed before */
export async function readTables(
	commands: Commands,
	variant: Variant,
	wasListed: ReadonlySet<Family> = new Set(),
): Promise<Tables> {
	const [ipv4, ipv6] = await Promise.all([
		readFilterTable(commands, "ipv4", variant, wasListed.has("ipv4")),
		readFilterTable(commands, "ipv6", variant, wasListed.has("ipv6")),
	]);
	return { ipv4, ipv6 };
}

/** Both families, empty where one is missing. */
export type TablesByVariant = Partial<Record<Variant, Tables & { readonly missing?: readonly Family[] }>>;

/** Both families of each variant that the host has. */
export async function readAllTables(commands: Commands): Promise<TablesByVariant> {
	const entries = await Promise.all(
		VARIANTS.map(async (variant) => {
			const isInstalled = (await commands.find(tool("ipv4", variant, "save"))) !== undefined;
			if (!isInstalled) {
				return [];
			}
			const [ipv4, ipv6] = await Promise.all([
				readSupported(commands, "ipv4", variant),
				readSupported(commands, "ipv6", variant),
			]);
			if (ipv4 === undefined && ipv6 === undefined) {
				return [];
			}
			const missing = [
				...(ipv4 === undefined ? (["ipv4"] as const) : []),
				...(ipv6 === undefined ? (["ipv6"] as const) : []),
			];
			const tables = { ipv4: ipv4 ?? new Map(), ipv6: ipv6 ?? new Map() };
			return [[variant, missing.length === 0 ? tables : { ...tables, missing }]];
		}),
	);
	return Object.fromEntries(entries.flat());
}
