/** Plain iptables, over nf_tables or x_tables: whichever variant drops by default. */

import { FAMILIES } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import type { Netlink } from "../../system/netlink.js";
import { FirewallError } from "../errors.js";
import type { Firewall } from "../firewall.js";
import type { Interfaces, ReadInterfaces } from "../placement.js";
import { ChainFirewall } from "./chain-firewall.js";
import { beforeDefaultDrop, dropsByDefault } from "./insertion-point.js";
import { type Tables, type TablesByVariant, VARIANTS, type Variant } from "./variant.js";

export interface IptablesOptions {
	/** Default: the variant that drops by default. */
	readonly variant?: Variant | undefined;
	/** The interfaces that new sessions come in by. Default: none is known. */
	readonly interfaces?: ReadInterfaces;
	/** Told when rules were changed by others, before whoever watches them, or by us without a command. */
	readonly rulesChanged?: (() => void) | undefined;
	/** Changes rules without a command, and tells whether every change was reported. */
	readonly netlink?: Netlink | undefined;
	/** Milliseconds between two polls where the kernel reports no events (legacy only). */
	readonly pollMs?: number;
}

export function createIptables(
	commands: Commands,
	{ variant, pollMs, interfaces, rulesChanged, netlink }: IptablesOptions = {},
): Firewall {
	return new ChainFirewall({
		name: "iptables",
		commands,
		insertionPoint: { ipv4: beforeDefaultDrop, ipv6: beforeDefaultDrop },
		inForce: (tables, coming) => variant !== undefined || isDropping(tables, coming),
		choose: (tables, current, coming) => variant ?? droppingVariant(tables, current, coming),
		interfaces,
		rulesChanged,
		netlink,
		pollMs,
	});
}

/** Where neither drops, the one used so far, or iptables over nf_tables, the default of current distributions. */
function droppingVariant(
	tables: TablesByVariant,
	current: Variant | undefined,
	interfaces: Interfaces,
): Variant {
	const dropping = droppingVariants(tables, interfaces);
	if (dropping.length > 1) {
		throw new FirewallError(
			"ambiguous",
			"Both iptables-nft and iptables-legacy drop incoming datagrams. Move all rules into one of them, or name the one to use in the configuration.",
		);
	}
	return (
		dropping[0] ?? current ?? (tables.nft === undefined && tables.legacy !== undefined ? "legacy" : "nft")
	);
}

export function droppingVariants(tables: TablesByVariant, interfaces: Interfaces = {}): Variant[] {
	return VARIANTS.filter((variant) => {
		const families = tables[variant];
		return families !== undefined && isDropping(families, interfaces);
	});
}

function isDropping(tables: Tables, interfaces: Interfaces): boolean {
	return FAMILIES.some((family) => dropsByDefault(tables[family], { family, interfaces }));
}
