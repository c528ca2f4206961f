/**
 * Adds, deletes and renews elements of our own sets by the kernel's own messages (linux/netfilter/nf_tables.h), as one transaction: an
 * `nft` for it takes fifty times as long to load. All else, and whatever the kernel refuses, is left to `nft`.
 */

import { addressBytes } from "../../system/addresses.js";
import {
	attribute,
	FLAG,
	messagesIn,
	type NetlinkQuestions,
	nested,
	PROTOCOL,
} from "../../system/netlink.js";
import {
	element,
	elementsIn,
	elementsMessage,
	elementsQuestion,
	joinedKey,
	transaction,
	zeroTerminated,
} from "../../system/nf-tables.js";
import type { Opening } from "../firewall.js";
import { TAG } from "../opening.js";
import type { InsertionPoint } from "./insertion-point.js";
import { ownElement, ownSetsFor } from "./owned-objects.js";

const ELEMENT = { timeout: 4, userdata: 6, expression: 7 } as const;
/** Of what `nft` keeps with an element for people, the comment; libnftnl/udata.h. */
const COMMENT = 0;
const NFPROTO: Readonly<Record<string, number>> = { ipv4: 2, ipv6: 10 };
/** A socket sends some 200 kB at once; each takes some 150 bytes. */
const MOST = 500;

/** A lease begins anew with another element in the place of the old one. */
const STEPS = { add: ["add"], delete: ["delete"], renew: ["delete", "add"] } as const;

export interface ElementsChange {
	readonly point: InsertionPoint;
	readonly openings: readonly Opening[];
}

/** What elements have counted, as the kernel writes it, by table, set and key. */
export type Counters = ReadonlyMap<string, Buffer>;

/**
 * @param timeoutS undefined for elements that do not expire
 * @param counters what those that are renewed go on counting from
 * @returns false where this is none for it: then nothing has been done
 * @throws NetlinkError when the kernel refuses: then nothing has been changed
 */
export async function changeElements(
	netlink: NetlinkQuestions,
	kind: keyof typeof STEPS,
	changes: readonly ElementsChange[],
	timeoutS: number | undefined,
	counters?: Counters,
): Promise<boolean> {
	const messages: (Buffer | undefined)[] = [];
	let count = 0;
	for (const { point, openings } of changes) {
		const elements = elementsFor(point, openings);
		if (elements === undefined) {
			return false;
		}
		count += openings.length * STEPS[kind].length;
		for (const [set, keys] of elements) {
			messages.push(...STEPS[kind].map((step) => changeOf(step, point, set, keys, timeoutS, counters)));
		}
	}
	const known = messages.flatMap((one) => one ?? []);
	if (known.length !== messages.length || count === 0 || count > MOST) {
		return false;
	}
	const answer = await netlink.ask(PROTOCOL.netfilter, transaction(known));
	for (const _ of messagesIn(answer, known.length)) {
		// It acknowledges each, or refuses.
	}
	return true;
}

/** The keys of elements, by their sets; undefined where one is not as ours are: of whatever else has its name, `nft` knows more. */
function elementsFor(
	{ table, families }: InsertionPoint,
	openings: readonly Opening[],
): ReadonlyMap<string, readonly Buffer[]> | undefined {
	const own = new Map(ownSetsFor(families).map(({ name, type }) => [name, type.join()]));
	const keys = new Map<string, Buffer[]>();
	for (const opening of openings) {
		const { set, key } = ownElement(opening, families);
		const known = keys.get(set);
		const joined = joinedKey(key.map(partBytes));
		if (known !== undefined) {
			known.push(joined);
			continue;
		}
		const type = own.get(set);
		if (type === undefined || table.sets.get(set)?.type.join() !== type) {
			return undefined;
		}
		keys.set(set, [joined]);
	}
	return keys;
}

/** @throws NetlinkError */
export async function readCounters(
	netlink: NetlinkQuestions,
	points: readonly InsertionPoint[],
): Promise<Counters> {
	const counters = new Map<string, Buffer>();
	for (const { table, families } of points) {
		for (const { name: set } of ownSetsFor(families)) {
			const place = { family: table.family, table: table.name, set };
			const question = table.sets.has(set) ? elementsQuestion(place) : undefined;
			if (question === undefined) {
				continue;
			}
			const answer = await netlink.ask(PROTOCOL.netfilter, question);
			for (const told of messagesIn(answer, 1)) {
				for (const { key, attributes } of elementsIn(answer, told)) {
					const counter = attributes.get(ELEMENT.expression);
					if (counter !== undefined) {
						counters.set(counterName(table, set, key), counter);
					}
				}
			}
		}
	}
	return counters;
}

function counterName(
	table: Pick<InsertionPoint["table"], "family" | "name">,
	set: string,
	key: Buffer,
): string {
	return `${table.family} ${table.name} ${set} ${key.toString("hex")}`;
}

function changeOf(
	step: "add" | "delete",
	{ table }: InsertionPoint,
	set: string,
	keys: readonly Buffer[],
	timeoutS: number | undefined,
	counters: Counters | undefined,
): Buffer | undefined {
	const place = { family: table.family, table: table.name, set };
	if (step === "delete") {
		return elementsMessage(
			step,
			FLAG.request | FLAG.ack,
			place,
			keys.map((key) => element(key)),
		);
	}
	const attributes = [
		...(timeoutS === undefined ? [] : [attribute(ELEMENT.timeout, milliseconds(timeoutS))]),
		attribute(ELEMENT.userdata, comment(TAG)),
	];
	const elements = keys.map((key) => {
		const counter = counters?.get(counterName(table, set, key));
		return element(
			key,
			...attributes,
			...(counter === undefined ? [] : [nested(ELEMENT.expression, counter)]),
		);
	});
	return elementsMessage(step, FLAG.request | FLAG.ack | FLAG.create, place, elements);
}

/** In the order of the network. */
function partBytes(part: string | number): Buffer {
	if (typeof part === "number") {
		return Buffer.from([part >> 8, part & 0xff]);
	}
	const protocol = NFPROTO[part];
	return protocol === undefined ? addressBytes(part) : Buffer.from([protocol]);
}

function milliseconds(seconds: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(seconds) * 1000n);
	return bytes;
}

function comment(value: string): Buffer {
	const bytes = zeroTerminated(value);
	return Buffer.concat([Buffer.from([COMMENT, bytes.length]), bytes]);
}
