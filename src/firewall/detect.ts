/** Detects which firewall of the host drops by default, with a reason. When several do, it names them and refuses to choose. */

import type { Commands } from "../system/commands.js";
import { FirewallCommands } from "./commands.js";
import { FirewallError } from "./errors.js";
import type { FirewallName } from "./firewall.js";
import { isFirewalldRunning } from "./firewalld/client.js";
import { droppingVariants } from "./iptables/iptables.js";
import { readAllTables, type TablesByVariant } from "./iptables/variant.js";
import { droppingChains } from "./nftables/insertion-point.js";
import { type NftTable, parseRuleset } from "./nftables/ruleset.js";
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
}

/** What the host shows. */
interface Evidence {
	readonly firewalld: boolean;
	readonly iptables: TablesByVariant;
	readonly nftables: readonly NftTable[];
}

/** @throws FirewallError `ambiguous` when several drop and the configuration names none */
export async function detect(system: Commands, { override, bus }: DetectOptions = {}): Promise<Detection> {
	const commands = new FirewallCommands(system);
	const [firewalld, iptables, nftables] = await Promise.all([
		isFirewalldRunning(bus),
		readAllTables(commands),
		readNftables(commands),
	]);
	return choose(activeFirewalls({ firewalld, iptables, nftables }), override);
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
	if (more.length === 0) return { ...only, active };
	const choices = active.map(({ name, reason }) => `${name} (${reason})`).join(", ");
	throw new FirewallError(
		"ambiguous",
		`Several firewalls drop incoming datagrams: ${choices}. Turn off all but one, or name one in the configuration.`,
	);
}

/** Pure. Rules that one firewall keeps in the tables of another are attributed to one of them only. */
function activeFirewalls({ firewalld, iptables, nftables }: Evidence): ActiveFirewall[] {
	const found: ActiveFirewall[] = [];
	if (firewalld) found.push({ name: "firewalld", reason: "it is running and answers on D-Bus" });

	const dropping = droppingVariants(iptables);
	// `ufw disable` leaves the jumps to its chains behind, and an INPUT policy of ACCEPT.
	const ufw = activeVariants(iptables).filter((variant) => dropping.includes(variant));
	if (ufw.length > 0) found.push({ name: "ufw", reason: `INPUT of iptables-${ufw[0]} jumps to its chains` });

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

	const native = droppingChains(nftables).filter(
		({ table }) => table.name !== "firewalld" && !isOfIptables(table, iptables),
	);
	if (native.length > 0) {
		const names = native.map(({ table, chain }) => `${table.family} ${table.name} ${chain.name}`);
		found.push({ name: "nftables", reason: `the chain ${names.join(", ")} drops by default` });
	}
	return found;
}

/** iptables over nf_tables keeps its rules in tables that nft also lists. */
function isOfIptables({ family, name }: NftTable, { nft }: TablesByVariant): boolean {
	if (name !== "filter" || nft === undefined) return false;
	return (family === "ip" && nft.ipv4.has("INPUT")) || (family === "ip6" && nft.ipv6.has("INPUT"));
}

async function readNftables(commands: Commands): Promise<NftTable[]> {
	if ((await commands.find("nft")) === undefined) return [];
	const { stdout } = await commands.run("nft", ["-t", "-j", "list", "ruleset"]);
	return parseRuleset(stdout);
}
