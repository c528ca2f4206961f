/**
 * Adds and deletes elements of our own sets by the kernel's own messages (linux/netfilter/nf_tables.h), as one transaction: an `nft`
 * for it takes fifty times as long to load. All else, and whatever the kernel refuses, is left to `nft`.
 */

import { addressBytes } from "../../system/addresses.js";
import {
	attribute,
	FLAG,
	message,
	messagesIn,
	type NetlinkQuestions,
	nested,
	netfilterHeader,
	PROTOCOL,
} from "../../system/netlink.js";
import type { Opening } from "../firewall.js";
import { NF_TABLES, TABLE_FAMILY } from "../nf-tables.js";
import { TAG } from "../opening.js";
import type { InsertionPoint } from "./insertion-point.js";
import { ownElement, ownSetsFor } from "./owned-objects.js";

const BATCH = { begin: 0x10, end: 0x11 } as const;
const MESSAGE = { add: (NF_TABLES << 8) | 12, delete: (NF_TABLES << 8) | 14 } as const;
const LIST = { table: 1, set: 2, elements: 3 } as const;
const LIST_ELEMENT = 1;
const ELEMENT = { key: 1, timeout: 4, userdata: 6 } as const;
const DATA_VALUE = 1;
/** Of what `nft` keeps with an element for people, the comment; libnftnl/udata.h. */
const COMMENT = 0;
const NFPROTO: Readonly<Record<string, number>> = { ipv4: 2, ipv6: 10 };
/** A socket sends some 200 kB at once; each takes some 150 bytes. */
const MOST = 500;

export interface ElementsChange {
	readonly point: InsertionPoint;
	readonly openings: readonly Opening[];
}

/**
 * @param timeoutS undefined for elements that do not expire
 * @returns false where this is none for it: then nothing has been done
 * @throws NetlinkError when the kernel refuses: then nothing has been changed
 */
export async function changeElements(
	netlink: NetlinkQuestions,
	kind: "add" | "delete",
	changes: readonly ElementsChange[],
	timeoutS: number | undefined,
): Promise<boolean> {
	const messages = changes.flatMap(({ point, openings }) =>
		openings.map((opening) => changeOf(kind, point, opening, timeoutS)),
	);
	const known = messages.flatMap((one) => one ?? []);
	if (known.length !== messages.length || known.length === 0 || known.length > MOST) {
		return false;
	}
	const batch = Buffer.concat([edge(BATCH.begin), ...known, edge(BATCH.end)]);
	const answer = await netlink.ask(PROTOCOL.netfilter, batch);
	for (const _ of messagesIn(answer, known.length)) {
		// It acknowledges each, or refuses.
	}
	return true;
}

function edge(type: number): Buffer {
	return message(type, FLAG.request, netfilterHeader(0, NF_TABLES));
}

function changeOf(
	kind: "add" | "delete",
	{ table, families }: InsertionPoint,
	opening: Opening,
	timeoutS: number | undefined,
): Buffer | undefined {
	const family = TABLE_FAMILY[table.family];
	const { set, key } = ownElement(opening, families);
	const own = ownSetsFor(families).find(({ name }) => name === set);
	// Of whatever else has its name, `nft` knows more.
	if (family === undefined || own === undefined || table.sets.get(set)?.type.join() !== own.type.join()) {
		return undefined;
	}
	const parts = [nested(ELEMENT.key, attribute(DATA_VALUE, keyBytes(key)))];
	if (kind === "add") {
		parts.push(...(timeoutS === undefined ? [] : [attribute(ELEMENT.timeout, milliseconds(timeoutS))]));
		parts.push(attribute(ELEMENT.userdata, comment(TAG)));
	}
	const flags = FLAG.request | FLAG.ack | (kind === "add" ? FLAG.create : 0);
	return message(
		MESSAGE[kind],
		flags,
		netfilterHeader(family),
		attribute(LIST.table, text(table.name)),
		attribute(LIST.set, text(set)),
		nested(LIST.elements, nested(LIST_ELEMENT, ...parts)),
	);
}

/** In the order of the network; of several parts, each fills whole words. */
function keyBytes(key: readonly (string | number)[]): Buffer {
	const parts = key.map(partBytes);
	return parts.length === 1 ? Buffer.concat(parts) : Buffer.concat(parts.map(padded));
}

function partBytes(part: string | number): Buffer {
	if (typeof part === "number") {
		return Buffer.from([part >> 8, part & 0xff]);
	}
	const protocol = NFPROTO[part];
	return protocol === undefined ? addressBytes(part) : Buffer.from([protocol]);
}

function padded(bytes: Buffer): Buffer {
	const whole = Buffer.alloc((bytes.length + 3) & ~3);
	bytes.copy(whole);
	return whole;
}

function milliseconds(seconds: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(seconds) * 1000n);
	return bytes;
}

function text(value: string): Buffer {
	return Buffer.from(`${value}\0`, "utf8");
}

function comment(value: string): Buffer {
	const bytes = text(value);
	return Buffer.concat([Buffer.from([COMMENT, bytes.length]), bytes]);
}
