/**
 * Asks the kernel whether one of its sets has an element (linux/netfilter/nf_tables.h, NFT_MSG_GETSETELEM): it looks up that one
 * alone, where nft 1.0.6 fetches all elements of all sets first.
 */

import { addressBytes, canonicalAddress } from "../../system/addresses.js";
import { FLAG, messagesIn, NetlinkError, type NetlinkQuestions, PROTOCOL } from "../../system/netlink.js";
import { element, elementsMessage, joinedKey, type KernelSetName } from "../../system/nf-tables.js";

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

export interface KernelSet extends KernelSetName {
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
	const parts = keyBytes(set.types, key);
	// No datagram meets a table for ARP.
	const isMet = set.family !== "arp";
	const question =
		isMet && parts
			? elementsMessage("get", FLAG.request | FLAG.ack, set, [element(joinedKey(parts))])
			: undefined;
	if (question === undefined) {
		return undefined;
	}
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

function keyBytes(types: readonly string[], key: readonly string[]): Buffer[] | undefined {
	const parts = key.map((part, at) => ENCODERS[types[at] ?? ""]?.(part));
	return parts.length === types.length && parts.every((part) => part !== undefined) ? parts : undefined;
}
