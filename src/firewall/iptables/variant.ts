/** Reads the filter tables of both iptables variants: over nf_tables and over the older x_tables. Their rules are separate. */

import { FAMILIES, type Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { FirewallError } from "../errors.js";
import { type FilterTable, parseSave } from "./save.js";

export type Variant = "nft" | "legacy";

export const VARIANTS: readonly Variant[] = ["nft", "legacy"];

/** Of iptables' tables, as nft calls it. */
export const NFT_FAMILY: Readonly<Record<Family, string>> = { ipv4: "ip", ipv6: "ip6" };

const PREFIX: Record<Family, string> = { ipv4: "iptables", ipv6: "ip6tables" };

export function tool(family: Family, variant: Variant, suffix: "save" | "restore"): string {
	return `${PREFIX[family]}-${variant}-${suffix}`;
}

/** Whether a tool failed because the kernel has no such rules. */
export function isUnsupported(error: unknown): boolean {
	return error instanceof Error && UNSUPPORTED.test(error.message);
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
		if (isUnsupported(error)) {
			return undefined;
		}
		// The other kind is listed all the same; that these are not known is said wherever rules are followed.
		if (
			!wasListed &&
			variant === "legacy" &&
			error instanceof FirewallError &&
			error.code === "not-permitted"
		) {
			return undefined;
		}
		if (!wasListed && (await commands.find(save)) === undefined) {
			return undefined;
		}
		throw error;
	}
}

export type Tables = Record<Family, FilterTable>;

/** Families whose table could not be read, and why. */
export type Failures = Partial<Record<Family, FirewallError>>;

/**
 * @param wasListed families whose table has been listed before
 * @throws FirewallError where neither can be read
 */
export async function readTables(
	commands: Commands,
	variant: Variant,
	wasListed: ReadonlySet<Family> = new Set(),
): Promise<{ readonly tables: Tables; readonly failures: Failures }> {
	const { ipv4, ipv6, failures } = await readBoth((family) =>
		readFilterTable(commands, family, variant, wasListed.has(family)),
	);
	return { tables: { ipv4: ipv4 ?? new Map(), ipv6: ipv6 ?? new Map() }, failures };
}

/** Both families, empty where one is missing. */
export type TablesByVariant = Partial<
	Record<Variant, Tables & { readonly missing?: readonly Family[]; readonly failures?: Failures }>
>;

/**
 * Both families of each variant that the host has.
 * @throws FirewallError where neither family of one can be read
 */
export async function readAllTables(commands: Commands, variants = VARIANTS): Promise<TablesByVariant> {
	const entries = await Promise.all(
		variants.map(async (variant) => {
			const isInstalled = (await commands.find(tool("ipv4", variant, "save"))) !== undefined;
			if (!isInstalled) {
				return [];
			}
			const { ipv4, ipv6, failures } = await readBoth((family) => readSupported(commands, family, variant));
			if (ipv4 === undefined && ipv6 === undefined) {
				return [];
			}
			const missing = FAMILIES.filter(
				(family) => failures[family] === undefined && { ipv4, ipv6 }[family] === undefined,
			);
			const tables = { ipv4: ipv4 ?? new Map(), ipv6: ipv6 ?? new Map() };
			return [
				[
					variant,
					{
						...tables,
						...(missing.length === 0 ? {} : { missing }),
						...(Object.keys(failures).length === 0 ? {} : { failures }),
					},
				],
			];
		}),
	);
	return Object.fromEntries(entries.flat());
}

/** A family that fails leaves the other. @throws FirewallError where both fail */
async function readBoth(
	read: (family: Family) => Promise<FilterTable | undefined>,
): Promise<Partial<Tables> & { readonly failures: Failures }> {
	const tables: Partial<Tables> = {};
	const failures: Failures = {};
	await Promise.all(
		FAMILIES.map(async (family) => {
			try {
				const table = await read(family);
				if (table !== undefined) {
					tables[family] = table;
				}
			} catch (error) {
				if (!(error instanceof FirewallError)) {
					throw error;
				}
				failures[family] = error;
			}
		}),
	);
	const failure = failures.ipv4 ?? failures.ipv6;
	if (failure !== undefined && Object.keys(tables).length === 0) {
		throw failure;
	}
	return { ...tables, failures };
}

/** @throws FirewallError what kept any table of them from being read */
export function throwFailures(all: TablesByVariant): void {
	const [failure] = VARIANTS.flatMap((variant) => Object.values(all[variant]?.failures ?? {}));
	if (failure !== undefined) {
		throw failure;
	}
}
