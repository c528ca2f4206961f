/** Detects which firewall of the host drops by default, with a reason. When several do, it names them and refuses to choose. */

import type { Commands } from "../system/commands.js";
import { FirewallCommands } from "./commands.js";
import { FirewallError } from "./errors.js";
import type { FirewallName } from "./firewall.js";
import { isFirewalldRunning } from "./firewalld/client.js";
import { incomingInterfaces } from "./incoming.js";
import { droppingVariants } from "./iptables/iptables.js";
import { iptablesTables } from "./iptables/owned-tables.js";
import { readAllTables, type TablesByVariant, VARIANTS } from "./iptables/variant.js";
import { droppingChains } from "./nftables/insertion-point.js";
import { readRuleset, withoutDormant } from "./nftables/read-ruleset.js";
import type { NftTable } from "./nftables/ruleset.js";
import type { Interfaces, ReadInterfaces } from "./placement.js";
import { activeVariants } from "./ufw/ufw.js";

export interface ActiveFirewall {
	readonly name: FirewallName;
	/** Why it is considered active, in one clause. */
	readonly reason: string;
}

/** The firewall chosen. */
export interface Detection extends ActiveFirewall {
	/** Every firewall that drops by default. */
	readonly active: readonly ActiveFirewall[];
}

export interface DetectOptions {
	/** The firewall that the configuration names; the others are detected all the same, for `doctor`. */
	readonly override?: FirewallName | undefined;
	/** D-Bus address. Default: the system's. */
	readonly bus?: string | undefined;
	/** Default: those of this host. */
	readonly interfaces?: ReadInterfaces;
}

/** What the host shows. */
interface Evidence {
	readonly firewalld: boolean;
	readonly iptables: TablesByVariant;
	readonly nftables: readonly NftTable[];
	/** Tables of nf_tables that iptables keeps, such as `ip filter`. */
	readonly ofIptables: ReadonlySet<string>;
	readonly interfaces: Interfaces;
}

/**
 * No tool's absence or failure ends detection while another shows a firewall: it is said in the reason.
 * @throws FirewallError `ambiguous` when several drop and the configuration names none; `owned-by-other` when what drops can be
 * changed by nobody here; what a tool failed with when nothing else was found
 */
export async function detect(
	system: Commands,
	{ override, bus, interfaces: read = incomingInterfaces }: DetectOptions = {},
): Promise<Detection> {
	const commands = new FirewallCommands(system);
	const failures: FirewallError[] = [];
	const attempt = <T>(reading: Promise<T>, otherwise: T): Promise<T> =>
		reading.catch((error: unknown) => {
			if (!(error instanceof FirewallError)) {
				throw error;
			}
			failures.push(error);
			return otherwise;
		});
	const [firewalld, iptables, nftables, interfaces] = await Promise.all([
		isFirewalldRunning(bus),
		attempt(readAllTables(commands), {}),
		attempt(readNftables(commands), []),
		read(),
	]);
	const ofIptables = await attempt(iptablesTables(commands, nftables), new Set<string>());
	const evidence = { firewalld, iptables, nftables, ofIptables, interfaces };
	const active = activeFirewalls(evidence);
	const [failure] = failures;
	if (active.length === 0 && override === undefined) {
		const obstacle = whatNobodyCanOpen(evidence) ?? failure;
		if (obstacle !== undefined) {
			throw obstacle;
		}
	}
	const detection = choose(active, override);
	const missing = [...failures.map(({ message }) => message), ...missingFamilies(iptables)];
	return missing.length === 0
		? detection
		: { ...detection, reason: `${detection.reason}; ${missing.join("; ")}` };
}

/** Pure. A family that the kernel, or the installed commands, have no iptables for. */
function missingFamilies(tables: TablesByVariant): string[] {
	return VARIANTS.flatMap((variant) =>
		(tables[variant]?.missing ?? []).map((family) => `iptables-${variant} cannot list ${family} rules here`),
	);
}

/** Pure. Rules that drop, of which the program they belong to does not run or cannot print them. */
function whatNobodyCanOpen({
	firewalld,
	nftables,
	ofIptables,
	interfaces,
}: Evidence): FirewallError | undefined {
	const names = droppingChains(nftables, interfaces)
		.map(({ table }) => ({ name: `${table.family} ${table.name}`, isFirewalld: table.name === "firewalld" }))
		.filter(({ name, isFirewalld }) => (isFirewalld ? !firewalld : ofIptables.has(name)));
	const [first] = names;
	if (first === undefined) {
		return undefined;
	}
	const why = first.isFirewalld
		? "firewalld is not running"
		: "iptables does not print its rules as they are";
	return new FirewallError(
		"owned-by-other",
		`The table ${first.name} drops incoming datagrams, but ${why}: nothing can be opened in it.`,
	);
}

/** Pure. @throws FirewallError `ambiguous` */
export function choose(active: readonly ActiveFirewall[], override?: FirewallName): Detection {
	if (override !== undefined) {
		const found = active.find(({ name }) => name === override);
		const evidence = found?.reason ?? "although nothing indicates that it is in force";
		return { name: override, reason: `named in the configuration; ${evidence}`, active };
	}
	const [only, ...more] = active;
	if (only === undefined) {
		return {
			name: "none",
			reason: "no firewall of this host drops incoming datagrams by default",
			active,
		};
	}
	if (more.length === 0) {
		return { ...only, active };
	}
	const choices = active.map(({ name, reason }) => `${name} (${reason})`).join(", ");
	throw new FirewallError(
		"ambiguous",
		`Several firewalls drop incoming datagrams: ${choices}. Turn off all but one, or name one in the configuration.`,
	);
}

/** Pure. Rules that one firewall keeps in the tables of another are attributed to one of them only. */
function activeFirewalls(evidence: Evidence): ActiveFirewall[] {
	const { firewalld, nftables, ofIptables, interfaces } = evidence;
	const iptables = withoutForeign(evidence);
	const found: ActiveFirewall[] = [];
	if (firewalld) {
		found.push({ name: "firewalld", reason: "it is running and answers on D-Bus" });
	}

	const dropping = droppingVariants(iptables, interfaces);
	// `ufw disable` leaves the jumps to its chains behind, and an INPUT policy of ACCEPT.
	const ufw = activeVariants(iptables).filter((variant) => dropping.includes(variant));
	if (ufw.length > 0) {
		found.push({ name: "ufw", reason: `INPUT of iptables-${ufw[0]} jumps to its chains` });
	}

	const plain = dropping.filter((variant) => {
		const input = iptables[variant]?.ipv4;
		return !ufw.includes(variant) && input?.has("INPUT_ZONES") !== true;
	});
	if (plain.length > 0) {
		found.push({
			name: "iptables",
			reason: `INPUT of iptables-${plain.join(" and of iptables-")} drops by default`,
		});
	}

	const native = droppingChains(nftables, interfaces).filter(
		({ table }) => table.name !== "firewalld" && !ofIptables.has(`${table.family} ${table.name}`),
	);
	if (native.length > 0) {
		const names = native.map(({ table, chain }) => `${table.family} ${table.name} ${chain.name}`);
		found.push({ name: "nftables", reason: `the chain ${names.join(", ")} drops by default` });
	}
	return found;
}

/** iptables prints a table that an administrator wrote for nft as if it were its own. */
function withoutForeign({ iptables, nftables, ofIptables }: Evidence): TablesByVariant {
	const { nft } = iptables;
	if (nft === undefined) {
		return iptables;
	}
	const isForeign = (family: string) =>
		nftables.some((table) => table.family === family && table.name === "filter") &&
		!ofIptables.has(`${family} filter`);
	return {
		...iptables,
		nft: {
			...nft,
			...(isForeign("ip") ? { ipv4: new Map() } : {}),
			...(isForeign("ip6") ? { ipv6: new Map() } : {}),
		},
	};
}

async function readNftables(commands: Commands): Promise<readonly NftTable[]> {
	if ((await commands.find("nft")) === undefined) {
		return [];
	}
	const tables = await readRuleset(commands, true);
	return droppingChains(tables).length === 0 ? tables : withoutDormant(commands, tables);
}
