/** Hears of changes to nf_tables by the kernel's own messages: nothing is loaded for them, whatever the tables hold. */

import { attributesIn, messagesIn, NETFILTER_HEADER, type Netlink, PROTOCOL } from "../system/netlink.js";
import { GENERATION, NF_TABLES, TABLE_FAMILY } from "../system/nf-tables.js";
import type { NftReports } from "./nft-change.js";

/** NFNLGRP_NFTABLES in linux/netfilter/nfnetlink.h */
const GROUP = 7;
/** Of each kind: new, deleted, deleted if it was there. */
const TYPES = {
	table: [0, 2, 26],
	chain: [3, 5, 27],
	rule: [6, 8, 28],
	set: [9, 11, 29],
	element: [12, 14, 30],
	object: [18, 20, 31],
	flowtable: [22, 24, 32],
} as const;
const CHANGE = new Map<number, { readonly kind: string; readonly isDeletion: boolean }>(
	Object.entries(TYPES).flatMap(([kind, types]) =>
		types.map((type, index) => [type, { kind, isDeletion: index > 0 }] as const),
	),
);
/** The name of the table is the first attribute of each kind. */
const TABLE = 1;
const FAMILY_NAME = new Map(Object.entries(TABLE_FAMILY).map(([name, number]) => [number, name]));

/**
 * @returns ends it
 * @throws NetlinkError
 */
export function hearNft(netlink: Netlink, reports: NftReports): Promise<() => void> {
	return netlink.listen(PROTOCOL.netfilter, [GROUP], (messages) => {
		if (messages === undefined) {
			reports.missed("more changed than could be told");
		} else {
			report(messages, reports);
		}
	});
}

function report(messages: Buffer, { changed, committed }: NftReports): void {
	for (const { type, isOurs, start, end } of messagesIn(messages, 0)) {
		if (type >> 8 !== NF_TABLES) {
			continue;
		}
		const change = CHANGE.get(type & 0xff);
		const attributes = attributesIn(messages, start + NETFILTER_HEADER, end);
		if (change !== undefined) {
			const family = FAMILY_NAME.get(messages.readUInt8(start)) ?? "";
			changed({ ...change, family, table: text(attributes.get(TABLE)) });
		} else if ((type & 0xff) === GENERATION.new) {
			committed({
				generation: number(attributes.get(GENERATION.id)),
				pid: number(attributes.get(GENERATION.pid)),
				program: text(attributes.get(GENERATION.program)),
				isOurs,
			});
		}
	}
}

/** Ends with a zero. */
function text(value: Buffer | undefined): string {
	return value?.toString("utf8", 0, value.length - 1) ?? "";
}

function number(value: Buffer | undefined): number {
	return value?.readUInt32BE(0) ?? 0;
}
