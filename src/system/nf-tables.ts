/** Messages of nf_tables, as far as more than one file takes them (linux/netfilter/nf_tables.h, linux/netfilter.h). Pure. */

import { attribute, message, nested, netfilterHeader } from "./netlink.js";

/** Of netfilter's messages, in the upper byte of their type. */
export const NF_TABLES = 10;
export const GENERATION = { get: 16, new: 15, id: 1, pid: 2, program: 3 } as const;
/** Of tables, by nft's names. */
export const TABLE_FAMILY: Readonly<Record<string, number>> = {
	inet: 1,
	ip: 2,
	arp: 3,
	netdev: 5,
	bridge: 7,
	ip6: 10,
};

const ELEMENT_MESSAGE = { add: 12, get: 13, delete: 14 } as const;
const LIST = { table: 1, set: 2, elements: 3 } as const;
const LIST_ELEMENT = 1;
const KEY = 1;
const DATA_VALUE = 1;

export interface KernelSetName {
	/** Of its table, by nft's name. */
	readonly family: string;
	readonly table: string;
	readonly set: string;
}

/**
 * About an element of a set.
 * @param key its parts, in the order of the network
 * @param attributes what else it has
 * @returns undefined for a family that nf_tables does not have
 */
export function elementMessage(
	kind: keyof typeof ELEMENT_MESSAGE,
	flags: number,
	{ family, table, set }: KernelSetName,
	key: readonly Buffer[],
	...attributes: readonly Buffer[]
): Buffer | undefined {
	const number = TABLE_FAMILY[family];
	if (number === undefined) {
		return undefined;
	}
	return message(
		(NF_TABLES << 8) | ELEMENT_MESSAGE[kind],
		flags,
		netfilterHeader(number),
		attribute(LIST.table, zeroTerminated(table)),
		attribute(LIST.set, zeroTerminated(set)),
		nested(
			LIST.elements,
			nested(LIST_ELEMENT, nested(KEY, attribute(DATA_VALUE, joined(key))), ...attributes),
		),
	);
}

/** Of several parts, each fills whole words. */
function joined(parts: readonly Buffer[]): Buffer {
	return Buffer.concat(
		parts.length === 1 ? parts : parts.map((part) => Buffer.concat([part], (part.length + 3) & ~3)),
	);
}

export function zeroTerminated(text: string): Buffer {
	return Buffer.from(`${text}\0`, "utf8");
}
