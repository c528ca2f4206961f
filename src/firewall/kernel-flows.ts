/**
 * Deletes conntrack entries by the kernel's own messages (linux/netfilter/nfnetlink_conntrack.h). Since Linux 6.11 it deletes what matches,
 * in half a millisecond. Elsewhere the entries of an opening are listed and each is deleted by its number: for a list the kernel locks
 * each row of its table, mostly 262,144 of them, which takes 5 to 9 ms.
 */

import { addressBytes, isWildcard } from "../system/addresses.js";
import {
	attribute,
	attributesIn,
	FLAG,
	message,
	messagesIn,
	NETFILTER_HEADER,
	NetlinkError,
	type NetlinkQuestions,
	nested,
	netfilterHeader,
	PROTOCOL,
} from "../system/netlink.js";
import type { Opening } from "./firewall.js";

const MESSAGE = { new: 0x100, get: 0x101, delete: 0x102 } as const;
const ENTRY = { original: 1, id: 12, zone: 18, filter: 25 } as const;
const TUPLE = { ip: 1, protocol: 2 } as const;
const IP = { ipv4: { family: 2, destination: 2 }, ipv6: { family: 10, destination: 4 } } as const;
const PROTOCOL_PART = { number: 1, destinationPort: 3 } as const;
const UDP = 17;
/** Which parts of the tuple the kernel compares (since Linux 5.8; before, it lists all). */
const FILTER_ORIGINAL = 1;
const COMPARED = { destination: 1 << 1, number: 1 << 3, destinationPort: 1 << 5 } as const;
/** A longer list is one of all flows: read here, it would keep the guard from its work. */
const LONGEST = 1 << 20;

/**
 * @returns false where that would take long
 * @throws NetlinkError
 */
export async function cutFlow(netlink: NetlinkQuestions, opening: Opening): Promise<boolean> {
	if (canCompare(opening) && (await deleteMatching(netlink, opening))) {
		return true;
	}
	const listed = await netlink.ask(PROTOCOL.netfilter, listRequest(opening));
	if (listed.length > LONGEST) {
		return false;
	}
	for (const { type, start, end } of messagesIn(listed, 1)) {
		const entry = attributesIn(listed, start + NETFILTER_HEADER, end);
		if (type !== MESSAGE.new || !isTo(entry.get(ENTRY.original), opening)) {
			continue;
		}
		const kept = [ENTRY.original, ENTRY.id, ENTRY.zone].flatMap((part) => {
			const value = entry.get(part);
			return value === undefined
				? []
				: [part === ENTRY.original ? nested(part, value) : attribute(part, value)];
		});
		const flags = FLAG.request | FLAG.ack;
		const answer = await netlink.ask(
			PROTOCOL.netfilter,
			message(MESSAGE.delete, flags, header(opening), ...kept),
		);
		expectDone(answer);
	}
	return true;
}

/** Of IPv6, kernels compare addresses wrongly: what is not equal matches. */
function canCompare(opening: Opening): boolean {
	return opening.family === "ipv4" || isWildcard(opening);
}

/** False where the kernel cannot. Before, it takes the part of a tuple for a whole one, and refuses it. */
async function deleteMatching(netlink: NetlinkQuestions, opening: Opening): Promise<boolean> {
	const request = message(MESSAGE.delete, FLAG.request | FLAG.ack, header(opening), ...matching(opening));
	try {
		expectDone(await netlink.ask(PROTOCOL.netfilter, request));
		return true;
	} catch (error) {
		if (error instanceof NetlinkError && CANNOT.has(error.code)) {
			return false;
		}
		throw error;
	}
}

const CANNOT: ReadonlySet<string> = new Set(["EINVAL", "EOPNOTSUPP"]);

function header({ family }: Opening): Buffer {
	return netfilterHeader(IP[family].family);
}

function listRequest(opening: Opening): Buffer {
	return message(MESSAGE.get, FLAG.request | FLAG.dump, header(opening), ...matching(opening));
}

/** Always with a tuple: without one, all flows would be meant. */
function matching(opening: Opening): Buffer[] {
	const { family, address, port } = opening;
	const byAddress = canCompare(opening) && !isWildcard(opening);
	const compared = COMPARED.number | COMPARED.destinationPort | (byAddress ? COMPARED.destination : 0);
	const flags = Buffer.alloc(4);
	flags.writeUInt32LE(compared);
	return [
		nested(
			ENTRY.original,
			...(byAddress ? [nested(TUPLE.ip, attribute(IP[family].destination, addressBytes(address)))] : []),
			nested(
				TUPLE.protocol,
				attribute(PROTOCOL_PART.number, Buffer.from([UDP])),
				attribute(PROTOCOL_PART.destinationPort, portBytes(port)),
			),
		),
		nested(ENTRY.filter, attribute(FILTER_ORIGINAL, flags)),
	];
}

function isTo(tuple: Buffer | undefined, opening: Opening): boolean {
	const { family, address, port } = opening;
	const parts = tuple && attributesIn(tuple, 0, tuple.length);
	const ip = parts?.get(TUPLE.ip);
	const protocol = parts?.get(TUPLE.protocol);
	if (ip === undefined || protocol === undefined) {
		return false;
	}
	const { number, destinationPort } = PROTOCOL_PART;
	const found = attributesIn(protocol, 0, protocol.length);
	const destination = attributesIn(ip, 0, ip.length).get(IP[family].destination);
	return (
		found.get(number)?.[0] === UDP &&
		found.get(destinationPort)?.equals(portBytes(port)) === true &&
		destination !== undefined &&
		(isWildcard(opening) || destination.equals(addressBytes(address)))
	);
}

function portBytes(port: number): Buffer {
	return Buffer.from([port >> 8, port & 0xff]);
}

/** One that is gone by itself is no fault. */
function expectDone(answer: Buffer): void {
	try {
		for (const _ of messagesIn(answer, 1)) {
			// Nothing is told beside the acknowledgement.
		}
	} catch (error) {
		if (!(error instanceof NetlinkError) || error.code !== "ENOENT") {
			throw error;
		}
	}
}
