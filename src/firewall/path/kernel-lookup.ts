/**
 * Asks the kernel whether one of its sets has an element (linux/netfilter/nf_tables.h, NFT_MSG_GETSETELEM): it looks up that one
 * alone, where nft 1.0.6 fetches all elements of all sets first.
 */

import { addressBytes, canonicalAddress } from "../../system/addresses.js";
import {
	attribute,
	FLAG,
	message,
	messagesIn,
	NetlinkError,
	type NetlinkQuestions,
	nested,
	netfilterHeader,
	PROTOCOL,
} from "../../system/netlink.js";

const GET_ELEMENT = (10 << 8) | 13;
const LIST = { table: 1, set: 2, elements: 3 } as const;
const LIST_ELEMENT = 1;
const KEY = 1;
const DATA_VALUE = 1;
const FAMILIES: Readonly<Record<string, number>> = { inet: 1, ip: 2, netdev: 5, bridge: 7, ip6: 10 };
const NAME_LENGTH = 16;

/** By the types that nft prints (nft(8), DATA TYPES), in the order of the network; undefined for what is none of that type. */
const ENCODERS: Readonly<Record<string, (part: string) => Buffer | undefined>> = {
	ipv4_addr: (part) => (canonicalAddress("ipv4", part) === undefined ? undefined : addressBytes(part)),
	ipv6_addr: (part) => (canonicalAddress("ipv6", part) === undefined ? undefined : addressBytes(part)),
	inet_service: (part) =>
		/^\d+$/.test(part) ? Buffer.from([Number(part) >> 8, Number(part) & 0xff]) : undefined,
	inet_proto: (part) => (part === "udp" ? Buffer.from([17]) : undefined),
	ifname: (part) => Buffer.concat([Buffer.from(part, "latin1"), Buffer.alloc(NAME_LENGTH)], NAME_LENGTH),
};

export interface KernelSet {
	/** Of its table. */
	readonly family: string;
	readonly table: string;
	readonly set: string;
	/** Of each part of its keys, as nft prints it. */
	readonly types: readonly string[];
}

/**
 * @param key in nft's own words
 * @returns undefined where the kernel cannot be asked
 */
export async function kernelHas(
	netlink: NetlinkQuestions,
	set: KernelSet,
	key: readonly string[],
): Promise<boolean | undefined> {
	const family = FAMILIES[set.family];
	const value = keyBytes(set.types, key);
	if (family === undefined || value === undefined) {
		return undefined;
	}
	const question = message(
		GET_ELEMENT,
		FLAG.request | FLAG.ack,
		netfilterHeader(family),
		attribute(LIST.table, Buffer.from(`${set.table}\0`)),
		attribute(LIST.set, Buffer.from(`${set.set}\0`)),
		nested(LIST.elements, nested(LIST_ELEMENT, nested(KEY, attribute(DATA_VALUE, value)))),
	);
	try {
		const answer = await netlink.ask(PROTOCOL.netfilter, question);
		return [...messagesIn(answer, 1)].length > 0;
	} catch (error) {
		if (error instanceof NetlinkError) {
			return error.code === "ENOENT" ? false : undefined;
		}
		throw error;
	}
}

/** Of several parts, each fills whole words. */
function keyBytes(types: readonly string[], key: readonly string[]): Buffer | undefined {
	const parts = key.map((part, at) => ENCODERS[types[at] ?? ""]?.(part));
	if (parts.length !== types.length || parts.some((part) => part === undefined)) {
		return undefined;
	}
	const known = parts.flatMap((part) => part ?? []);
	return Buffer.concat(
		known.length === 1 ? known : known.map((part) => Buffer.concat([part], (part.length + 3) & ~3)),
	);
}
