/** Detects which firewalls of the host drop by default, with a reason. All that do must be opened for a datagram to come in. */

import type { Commands } from "../system/commands.js";
import { FirewallCommands } from "./commands.js";
import { FirewallError } from "./errors.js";
import type { FirewallName } from "./firewall.js";
import { isFirewalldRunning } from "./firewalld/client.js";
import { incomingInterfaces } from "./incoming.js";
import { droppingVariants } from "./iptables/iptables.js";
import { iptablesTables } from "./iptables/owned-tables.js";
import { readAllTables, type TablesByVariant, VARIANTS, type Variant } from "./iptables/variant.js";
import { droppingChains, isOfFirewalld } from "./nftables/insertion-point.js";
import { readRuleset, withoutDormant } from "./nftables/read-ruleset.js";
import type { NftTable } from "./nftables/ruleset.js";
import type { Interfaces, ReadInterfaces } from "./placement.js";
import { activeVariants } from "./ufw/ufw.js";

/** For those who choose privileges: its commands need some of their own (systemd/setup). */
export { hasLegacyTables } from "./path/legacy-names.js";

export interface ActiveFirewall {
	readonly name: FirewallName;
	/** Why it is considered active, in one clause. */
	readonly reason: string;
	/** Of iptables and ufw: which rules, where that is not left to the tool. */
	readonly variant?: Variant;
}

export interface Detection {
	/** Of those to be served, joined by `+`; `none` where there is none. */
	readonly name: string;
	readonly reason: string;
	/** In which a port must be opened. */
	readonly serve: readonly ActiveFirewall[];
	/** A sentence for each that drops too and in which nothing is opened: it is not the one named, or nobody can change it. */
	readonly unserved: readonly string[];
	/** Every firewall that drops by default. */
	readonly active: readonly ActiveFirewall[];
	/** Some tool failed: what it would have shown is not known. */
	readonly incomplete: boolean;
}

export interface DetectOptions {
	/** The firewall that the configuration names; the others are detected all the same, and said to drop. */
	readonly override?: FirewallName | undefined;
	/** The kind of iptables that the configuration names. */
	readonly variant?: Variant | undefined;
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

/** No tool's absence or failure ends detection: it is said in the reason, and what else is there is used. */
export async function detect(
	system: Commands,
	{ override, variant, bus, interfaces: read = () => incomingInterfaces(system) }: DetectOptions = {},
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
		attempt(isFirewalldRunning(bus), false),
		attempt(readAllTables(commands), {}),
		attempt(readNftables(commands), []),
		read(),
	]);
	failures.push(...VARIANTS.flatMap((variant) => Object.values(iptables[variant]?.failures ?? {})));
	const ofIptables = await attempt(iptablesTables(commands, nftables), new Set<string>());
	const evidence = { firewalld, iptables, nftables, ofIptables, interfaces };
	const active = activeFirewalls(evidence);
	const found = choose(active, override, variant);
	const { reason } = found;
	const unserved = [...found.unserved, ...whatNobodyCanOpen(evidence, active)];
	const missing = [...failures.map(({ message }) => message), ...missingFamilies(iptables)];
	const incomplete = failures.length > 0;
	return { ...found, unserved, reason: [reason, ...unserved, ...missing].join("; "), incomplete };
}

/** Pure. A family that the kernel, or the installed commands, have no iptables for. */
function missingFamilies(tables: TablesByVariant): string[] {
	return VARIANTS.flatMap((variant) =>
		(tables[variant]?.missing ?? []).map((family) => `iptables-${variant} cannot list ${family} rules here`),
	);
}

/** Pure. Rules that drop, of which the program they belong to does not run or cannot print them. */
function whatNobodyCanOpen(
	{ firewalld, nftables, ofIptables, interfaces }: Evidence,
	active: readonly ActiveFirewall[],
): string[] {
	const isPrinted = firewalld || active.some(({ variant }) => variant === "nft");
	const tables = new Set(droppingChains(nftables, interfaces).map(({ table }) => table));
	return [...tables].flatMap((table) => {
		const name = `${table.family} ${table.name}`;
		if (isOfFirewalld(table)) {
			return firewalld ? [] : `table ${name} ${DROPS}, but firewalld is not running: ${NOTHING}`;
		}
		return ofIptables.has(name) && !isPrinted
			? `table ${name} ${DROPS}, but iptables does not print its rules as they are: ${NOTHING}`
			: [];
	});
}

const DROPS = "drops incoming datagrams";
const NOTHING = "nothing can be opened in it";

/** Pure. Which of the active firewalls to serve: all of them, or those of the name and the kind that the configuration has. */
export function choose(
	active: readonly ActiveFirewall[],
	override?: FirewallName,
	variant?: Variant,
): Omit<Detection, "incomplete"> {
	const isMeant = (one: ActiveFirewall) =>
		(override === undefined || one.name === override) &&
		(variant === undefined ||
			one.variant === undefined ||
			one.name !== "iptables" ||
			one.variant === variant);
	const meant = active.filter(isMeant);
	const unserved = active
		.filter((one) => !isMeant(one))
		.map(({ name, reason }) => `${name} drops too, and nothing is opened in it: ${reason}`);
	if (override !== undefined) {
		const evidence = meant.length === 0 ? "although nothing indicates that it is in force" : reasonsOf(meant);
		const serve = meant.length === 0 && override !== "none" ? [{ name: override, reason: evidence }] : meant;
		return { name: override, reason: `named in the configuration; ${evidence}`, serve, unserved, active };
	}
	if (meant.length === 0) {
		const reason = "no firewall of this host drops incoming datagrams by default";
		return { name: "none", reason, serve: [], unserved, active };
	}
	const reason = meant.length === 1 ? reasonsOf(meant) : `each of them drops: ${reasonsOf(meant)}`;
	return { name: labelOf(meant), reason, serve: meant, unserved, active };
}

function reasonsOf(firewalls: readonly ActiveFirewall[]): string {
	return firewalls.map(({ reason }) => reason).join("; ");
}

/** `ufw + nftables`, and with both kinds of iptables `iptables-nft + iptables-legacy`. Pure. */
function labelOf(firewalls: readonly ActiveFirewall[]): string {
	const isTwice = (name: string) => firewalls.filter((other) => other.name === name).length > 1;
	return firewalls.map(({ name, variant }) => (isTwice(name) ? `${name}-${variant}` : name)).join(" + ");
}

/** Pure. Rules that one firewall keeps in the tables of another are attributed to one of them only. */
function activeFirewalls(evidence: Evidence): ActiveFirewall[] {
	const { firewalld, nftables, ofIptables, interfaces } = evidence;
	const iptables = withoutForeign(evidence);
	const found: ActiveFirewall[] = [];
	if (firewalld) {
		found.push({ name: "firewalld", reason: "it is running, as D-Bus says" });
	}

	const dropping = droppingVariants(iptables, interfaces);
	// `ufw disable` leaves the jumps to its chains behind, and an INPUT policy of ACCEPT.
	const ufw = activeVariants(iptables).filter((variant) => dropping.includes(variant));
	for (const variant of ufw) {
		found.push({ name: "ufw", reason: `INPUT of iptables-${variant} jumps to its chains`, variant });
	}

	const plain = dropping.filter((variant) => {
		const input = iptables[variant]?.ipv4;
		return !ufw.includes(variant) && input?.has("INPUT_ZONES") !== true;
	});
	for (const variant of plain) {
		found.push({ name: "iptables", reason: `INPUT of iptables-${variant} drops by default`, variant });
	}

	const native = droppingChains(nftables, interfaces).filter(
		({ table }) => !isOfFirewalld(table) && !ofIptables.has(`${table.family} ${table.name}`),
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
	const tables = await readRuleset(commands);
	return droppingChains(tables).length === 0 ? tables : withoutDormant(commands, tables);
}
