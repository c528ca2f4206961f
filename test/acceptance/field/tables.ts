/** All set-ups, a table for each kind of host. */

import type { FieldCase } from "./field-case.js";
import type { HostKind } from "./guard-host.js";
import { FIREWALLD } from "./tables/firewalld.js";
import { INTERFACES } from "./tables/interfaces.js";
import { IPTABLES_LEGACY, IPTABLES_NFT } from "./tables/iptables.js";
import { NFTABLES } from "./tables/nftables.js";
import { UFW } from "./tables/ufw.js";

export interface Table {
	readonly name: string;
	readonly kind: HostKind;
	readonly rows: readonly FieldCase[];
}

export const TABLES: readonly Table[] = [NFTABLES, IPTABLES_NFT, IPTABLES_LEGACY, UFW, FIREWALLD, INTERFACES];
