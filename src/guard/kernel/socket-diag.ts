/** Lists bound UDP sockets by the kernel's own list of them (sock_diag(7)), which selects by port and address. */

import { addressFromText, type LocalAddress } from "../../system/addresses.js";
import {
	attribute,
	FLAG,
	message,
	messagesIn,
	NetlinkError,
	type NetlinkQuestions,
	PROTOCOL,
} from "../../system/netlink.js";
import { madeFrom } from "./table-changes.js";
import type { GuardedRange, UdpSocket } from "./udp-socket.js";

/** linux/sock_diag.h, linux/inet_diag.h, net/tcp_states.h */
const SOCK_DIAG_BY_FAMILY = 20;
const REQ_BYTECODE = 1;
const UNCONNECTED = 1 << 7;
const AF_INET = 2;
const AF_INET6 = 10;
const UDP = 17;
/** Bytes of `struct inet_diag_req_v2` and of `struct inet_diag_msg`, and where its fields are. */
const REQUEST = 56;
export const ANSWER = 72;
export const FIELD = { family: 0, port: 4, address: 8, addressEnd: 24, uid: 64, inode: 68 } as const;

/**
 * A filter is a list of operations, each with how far to jump where it holds and where it does not: past the end is no. This stands
 * for that far.
 */
const NO = 0;
const OP = { jump: 1, portAtLeast: 2, portAtMost: 3, address: 7 } as const;
const OP_SIZE = 4;

function operation(code: number, yes: number, no: number, ...operands: readonly Buffer[]): Buffer {
	const bytes = Buffer.alloc(OP_SIZE);
	bytes.writeUInt8(code, 0);
	bytes.writeUInt8(yes, 1);
	bytes.writeUInt16LE(no, 2);
	return Buffer.concat([bytes, ...operands]);
}

/** The port is in the field of another operation. */
function portIs(code: number, port: number): Buffer {
	return operation(code, 2 * OP_SIZE, NO, operation(0, 0, port));
}

/** Where the address matches, to the jump that follows, and from there to the end. IPv4 stands for mapped addresses too. */
function isNot(family: number, bits: number, address: Buffer): Buffer[] {
	const anyPort = -1;
	const condition = Buffer.alloc(8);
	condition.writeUInt8(family, 0);
	condition.writeUInt8(bits, 1);
	condition.writeInt32LE(anyPort, 4);
	const size = OP_SIZE + condition.length + address.length;
	return [operation(OP.address, size, size + OP_SIZE, condition, address), operation(OP.jump, OP_SIZE, NO)];
}

/** Loopback is not filtered by any firewall here, so its sockets need no opening, and 127.0.0.0/8 has room for any number of them. */
function filter({ first, last }: GuardedRange): Buffer {
	const operations = [
		portIs(OP.portAtLeast, first),
		portIs(OP.portAtMost, last),
		...isNot(AF_INET, 8, Buffer.from([127, 0, 0, 0])),
		...isNot(AF_INET6, 128, Buffer.from([...new Array<number>(15).fill(0), 1])),
	];
	const bytes = Buffer.concat(operations);
	let at = 0;
	for (const { length } of operations) {
		if (bytes.readUInt16LE(at + 2) === NO) {
			bytes.writeUInt16LE(bytes.length - at + OP_SIZE, at + 2);
		}
		at += length;
	}
	return bytes;
}

function request(family: number, range: GuardedRange): Buffer {
	const body = Buffer.alloc(REQUEST);
	body.writeUInt8(family, 0);
	body.writeUInt8(UDP, 1);
	body.writeUInt32LE(UNCONNECTED, 4);
	return message(SOCK_DIAG_BY_FAMILY, FLAG.request | FLAG.dump, body, attribute(REQ_BYTECODE, filter(range)));
}

/** A socket in a list, or one that no process holds, and where in the answer its message ends. */
interface Listed {
	readonly key: string;
	readonly socket: UdpSocket | undefined;
	readonly end: number;
}

interface Read {
	readonly listed: readonly Listed[];
	/** How many lists end in it. */
	readonly lists: number;
}

interface Listing {
	readonly range: GuardedRange;
	readonly answer: Buffer;
	readonly ends: readonly number[];
	readonly sockets: readonly UdpSocket[];
}

/** One list for IPv4, one for IPv6. */
const LISTS = 2;

/** Then all that is known is forgotten, and learnt anew. */
const MOST_BESIDE = 1000;

export class SocketDiag {
	readonly #netlink: NetlinkQuestions;
	/** By all that identifies a socket, as the kernel wrote it. */
	readonly #known = new Map<string, UdpSocket>();
	/** Of all ports of a range: the next one is mostly the same. */
	#last: Listing | undefined;

	constructor(netlink: NetlinkQuestions) {
		this.#netlink = netlink;
	}

	/**
	 * The unconnected sockets of these ports that are not on loopback. A known socket is the same object, and an unchanged list the same
	 * array.
	 * @param isAll these are all that is asked for in the long run: others need not be known any longer
	 * @throws NetlinkError
	 */
	async list(range: GuardedRange, isAll: boolean): Promise<readonly UdpSocket[]> {
		const requests = [AF_INET, AF_INET6].map((family) => request(family, range));
		const answer = await this.#netlink.ask(PROTOCOL.sockDiag, Buffer.concat(requests), requests[0]?.length);
		if (!isAll) {
			const { listed } = this.#whole(answer);
			this.#know(listed);
			return listed.flatMap(({ socket }) => socket ?? []);
		}
		// Sockets of which no list of all has told, only those of single ports.
		const last = this.#known.size > (this.#last?.ends.length ?? 0) + MOST_BESIDE ? undefined : this.#last;
		const isSameRange = last?.range.first === range.first && last.range.last === range.last;
		const next = (isSameRange && this.#changed(last, answer)) || this.#first(range, answer);
		this.#last = next;
		return next.sockets;
	}

	#whole(answer: Buffer): Read {
		const read = this.#read(answer, 0, answer.length);
		if (read.lists !== LISTS) {
			throw new NetlinkError("unexpected");
		}
		return read;
	}

	#first(range: GuardedRange, answer: Buffer): Listing {
		const { listed } = this.#whole(answer);
		this.#known.clear();
		this.#know(listed);
		return {
			range,
			answer,
			ends: listed.map(({ end }) => end),
			sockets: listed.flatMap(({ socket }) => socket ?? []),
		};
	}

	/** From the first byte that differs to the last one; undefined where that shows nothing. */
	#changed(last: Listing, answer: Buffer): Listing | undefined {
		const { range, ends } = last;
		if (last.sockets.length !== ends.length) {
			return undefined;
		}
		const same = sameStart(last.answer, answer);
		if (same === last.answer.length && same === answer.length) {
			return last;
		}
		const after = last.answer.length - sameEnd(last.answer, answer, same);
		const startOf = (index: number) => (index === 0 ? 0 : (ends[index - 1] as number));
		const first = firstIndex(ends.length, (index) => (ends[index] as number) > same);
		const behind = Math.max(
			first,
			firstIndex(ends.length, (index) => startOf(index) >= after),
		);
		const grown = answer.length - last.answer.length;
		const [from, to] = [startOf(first), startOf(behind)];
		const before = this.#read(last.answer, from, to);
		const now = this.#read(answer, from, to + grown);
		if (before.lists !== now.lists || now.listed.some(({ socket }) => socket === undefined)) {
			return undefined;
		}
		const fresh = now.listed.flatMap(({ socket }) => socket ?? []);
		const sockets = last.sockets.slice(0, first).concat(fresh, last.sockets.slice(behind));
		madeFrom(last.sockets, sockets, { added: fresh, removed: last.sockets.slice(first, behind) });
		for (const { key } of before.listed) {
			this.#known.delete(key);
		}
		this.#know(now.listed);
		const moved = ends.slice(behind).map((end) => end + grown);
		return {
			range,
			answer,
			ends: ends.slice(0, first).concat(
				now.listed.map(({ end }) => end),
				moved,
			),
			sockets,
		};
	}

	#know(listed: readonly Listed[]): void {
		for (const { key, socket } of listed) {
			if (socket !== undefined) {
				this.#known.set(key, socket);
			}
		}
	}

	/** What lies between two places where messages begin. */
	#read(answer: Buffer, from: number, to: number): Read {
		const part = answer.subarray(from, to);
		const listed: Listed[] = [];
		let lists = 0;
		for (const { type, start, end } of messagesIn(part, 0, () => (lists += 1))) {
			if (type !== SOCK_DIAG_BY_FAMILY || end - start < ANSWER) {
				throw new NetlinkError("unexpected");
			}
			const key =
				part.toString("latin1", start, start + FIELD.addressEnd) +
				part.toString("latin1", start + FIELD.uid, start + ANSWER);
			listed.push({ key, socket: this.#known.get(key) ?? socketIn(part, start), end: from + end });
		}
		return { listed, lists };
	}
}

/** The first index for which it holds; it holds for all after it. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
	let [low, high] = [0, length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (holds(middle)) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}

/** How many bytes at the start are the same. */
function sameStart(one: Buffer, two: Buffer): number {
	const most = Math.min(one.length, two.length);
	const differs = (end: number) => one.compare(two, 0, end, 0, end) !== 0;
	return firstIndex(most, (index) => differs(index + 1));
}

/** How many at the end, of those that are not among the first `start`. */
function sameEnd(one: Buffer, two: Buffer, start: number): number {
	const most = Math.min(one.length, two.length) - start;
	const differs = (size: number) =>
		one.compare(two, two.length - size, two.length, one.length - size, one.length) !== 0;
	return firstIndex(most, (index) => differs(index + 1));
}

/** Undefined for one that no process holds. */
function socketIn(answer: Buffer, at: number): UdpSocket | undefined {
	const inode = answer.readUInt32LE(at + FIELD.inode);
	const isIpv4 = answer.readUInt8(at + FIELD.family) === AF_INET;
	const local = (isIpv4 ? ipv4 : ipv6)(answer, at + FIELD.address);
	if (inode === 0 || local === undefined) {
		return undefined;
	}
	const { family, address } = local;
	const port = answer.readUInt16BE(at + FIELD.port);
	// Written out, not `...local`, so that all have one shape, which V8 handles twice as fast.
	return { family, address, port, uid: answer.readUInt32LE(at + FIELD.uid), inode };
}

function ipv4(answer: Buffer, at: number): LocalAddress {
	return { family: "ipv4", address: answer.subarray(at, at + 4).join(".") };
}

function ipv6(answer: Buffer, at: number): LocalAddress | undefined {
	const groups = Array.from({ length: 8 }, (_, index) => answer.readUInt16BE(at + 2 * index).toString(16));
	return addressFromText("ipv6", groups.join(":"));
}
