/** Messages of nf_tables, as far as more than one file takes them (linux/netfilter/nf_tables.h, linux/netfilter.h). Pure. */

import {
	attribute,
	attributesIn,
	eachAttribute,
	FLAG,
	type Message,
	message,
	NETFILTER_HEADER,
	nested,
	netfilterHeader,
} from "./netlink.js";

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

const BATCH = { begin: 0x10, end: 0x11, generation: 1 } as const;

const ELEMENT_MESSAGE = { add: 12, get: 13, delete: 14 } as const;
const LIST = { table: 1, set: 2, elements: 3 } as const;
const LIST_ELEMENT = 1;
const KEY = 1;
const DATA_VALUE = 1;

/**
 * All of these changes, or none.
 * @param generation the kernel refuses where anything of nf_tables has changed since (Linux 4.12)
 */
export function transaction(changes: readonly Buffer[], generation?: number): Buffer {
	const based = generation === undefined ? [] : [attribute(BATCH.generation, bigEndian(generation))];
	const edge = (type: number, ...attributes: readonly Buffer[]) =>
		message(type, FLAG.request, netfilterHeader(0, NF_TABLES), ...attributes);
	return Buffer.concat([edge(BATCH.begin, ...based), ...changes, edge(BATCH.end)]);
}

/** Asks how many transactions there have been. */
export function generationQuestion(): Buffer {
	return message((NF_TABLES << 8) | GENERATION.get, FLAG.request, netfilterHeader(0));
}

/** Undefined in a message that does not tell it. */
export function generationIn(answer: Buffer, { type, start, end }: Message): number | undefined {
	return type === ((NF_TABLES << 8) | GENERATION.new)
		? attributesIn(answer, start + NETFILTER_HEADER, end)
				.get(GENERATION.id)
				?.readUInt32BE(0)
		: undefined;
}

function bigEndian(number: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(number);
	return bytes;
}

export interface KernelSetName {
	/** Of its table, by nft's name. */
	readonly family: string;
	readonly table: string;
	readonly set: string;
}

/**
 * An element of a set, for a message.
 * @param key as of `joinedKey`
 * @param attributes what else it has
 */
export function element(key: Buffer, ...attributes: readonly Buffer[]): Buffer {
	return nested(LIST_ELEMENT, nested(KEY, attribute(DATA_VALUE, key)), ...attributes);
}

/**
 * About elements of a set: 64 kB of them at most.
 * @returns undefined for a family that nf_tables does not have
 */
export function elementsMessage(
	kind: keyof typeof ELEMENT_MESSAGE,
	flags: number,
	set: KernelSetName,
	elements: readonly Buffer[],
): Buffer | undefined {
	return setMessage(kind, flags, set, nested(LIST.elements, ...elements));
}

/** Asks for all elements of a set; undefined as in `elementsMessage`. */
export function elementsQuestion(set: KernelSetName): Buffer | undefined {
	return setMessage("get", FLAG.request | FLAG.dump, set);
}

/** Undefined as in `elementsMessage`. */
function setMessage(
	kind: keyof typeof ELEMENT_MESSAGE,
	flags: number,
	{ family, table, set }: KernelSetName,
	...attributes: readonly Buffer[]
): Buffer | undefined {
	const number = TABLE_FAMILY[family];
	return number === undefined
		? undefined
		: message(
				(NF_TABLES << 8) | ELEMENT_MESSAGE[kind],
				flags,
				netfilterHeader(number),
				attribute(LIST.table, zeroTerminated(table)),
				attribute(LIST.set, zeroTerminated(set)),
				...attributes,
			);
}

export interface KernelElement {
	/** As `joinedKey` has it. */
	readonly key: Buffer;
	/** `NFTA_SET_ELEM_*`, by their numbers. */
	readonly attributes: ReadonlyMap<number, Buffer>;
}

/** Those of a set that a message of the answer lists. @throws NetlinkError for what is no such list */
export function* elementsIn(answer: Buffer, { type, start, end }: Message): Generator<KernelElement> {
	if (type !== ((NF_TABLES << 8) | ELEMENT_MESSAGE.add)) {
		return;
	}
	const list = attributesIn(answer, start + NETFILTER_HEADER, end).get(LIST.elements) ?? Buffer.alloc(0);
	const elements: Map<number, Buffer>[] = [];
	eachAttribute(list, 0, list.length, (_, from, to) => elements.push(attributesIn(list, from, to)));
	for (const attributes of elements) {
		const nestedKey = attributes.get(KEY) ?? Buffer.alloc(0);
		const key = attributesIn(nestedKey, 0, nestedKey.length).get(DATA_VALUE);
		if (key !== undefined) {
			yield { key, attributes };
		}
	}
}

/** Of several parts, each fills whole words. */
export function joinedKey(parts: readonly Buffer[]): Buffer {
	return Buffer.concat(
		parts.length === 1 ? parts : parts.map((part) => Buffer.concat([part], (part.length + 3) & ~3)),
	);
}

export function zeroTerminated(text: string): Buffer {
	return Buffer.from(`${text}\0`, "utf8");
}
