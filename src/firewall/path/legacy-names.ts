/** Which tables iptables-legacy has in the kernel: the one thing that tells without creating them. */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { FAMILIES, type Family } from "../../system/addresses.js";

const NAMES_FILE: Record<Family, string> = { ipv4: "ip_tables_names", ipv6: "ip6_tables_names" };
/** The module that has the list, and the beginning of those that each make a table. */
const MODULES: Record<Family, { readonly list: string; readonly table: string }> = {
	ipv4: { list: "ip_tables", table: "iptable_" },
	ipv6: { list: "ip6_tables", table: "ip6table_" },
};

export type LegacyNames =
	| { readonly names: readonly string[] }
	/** The list is root's alone to read, unless the unit has granted it (systemd/setup). */
	| { readonly unreadable: true };

/**
 * @param net the `net` folder in proc of a process in the network namespace meant
 * @param modules the kernel's list of its modules
 */
export async function readLegacyNames(
	family: Family,
	net: string,
	modules = "/proc/modules",
): Promise<LegacyNames> {
	try {
		// It is asked for every 10 s, and the kernel has it at hand: handing it to a thread costs many times as much.
		const text = readFileSync(`${net}/${NAMES_FILE[family]}`, "utf8");
		return { names: text.split("\n").filter((name) => name !== "") };
	} catch (error) {
		// The file is there exactly where the kernel has such tables, or could have.
		const isThere = error instanceof Error && "code" in error && error.code !== "ENOENT";
		return isThere && (await mayHaveTables(family, modules)) ? { unreadable: true } : { names: [] };
	}
}

/** Whether there are any, as far as that can be read: rules of iptables-legacy may be in force. */
export async function hasLegacyTables(net = "/proc/self/net", modules?: string): Promise<boolean> {
	const found = await Promise.all(FAMILIES.map((family) => readLegacyNames(family, net, modules)));
	return found.some((names) => !("names" in names) || names.names.length > 0);
}

/** Where the list comes from a module, so do the tables. What is built into the kernel is not in the list of modules. */
async function mayHaveTables(family: Family, modules: string): Promise<boolean> {
	const text = await readFile(modules, "utf8").catch(() => "");
	const loaded = text.split("\n").map((line) => line.split(" ")[0] ?? "");
	const { list, table } = MODULES[family];
	return !loaded.includes(list) || loaded.some((name) => name.startsWith(table));
}
