/**
 * Asks the kernel over netlink(7), and hears what it tells by itself, by a small module in C (native/netlink.c) that only sends and
 * receives: messages are written and read here. A command for each question, with all that it loads, costs a hundred times as much.
 */

import { randomInt } from "node:crypto";
import { endianness } from "node:os";
import { getSystemErrorName } from "node:util";
import { monotonicClock } from "./clock.js";
import { RateLimiter } from "./rate-limiter.js";

/** linux/netlink.h */
export const PROTOCOL = { route: 0, sockDiag: 4, netfilter: 12 } as const;
export const FLAG = { request: 0x1, ack: 0x4, echo: 0x8, dump: 0x300, create: 0x400, append: 0x800 } as const;
const TYPE = { error: 2, done: 3 } as const;
/** A list that was changed while it was being made. */
const INTERRUPTED = 0x10;
const HEADER = 16;
const ATTRIBUTE_HEADER = 4;
const NESTED = 0x8000;
const TYPE_MASK = 0x3fff;
/**
 * How often what the kernel tells is read, each time 32 to 64 kB: more than a reload of rules or many logins at once. Whoever makes it
 * tell more fills the kernel's queue (some 280 ends of sockets), and one look at how things are stands for what is lost.
 */
const READINGS = { atOnce: 20, perSecond: 10 } as const;

/** @param messages in the order in which they were told; undefined where some were lost: anything may have happened */
export type Heard = (messages: Buffer | undefined) => void;

export interface NetlinkQuestions {
	/**
	 * All that the kernel answers to a request of one or several messages.
	 * @param step bytes that are sent at a time, each part answered before the next; default: all
	 * @throws NetlinkError when it could not be asked; that it refused is in the answer
	 */
	ask(protocol: number, request: Buffer, step?: number): Promise<Buffer>;
}

export interface Netlink extends NetlinkQuestions {
	/**
	 * Hears what the kernel tells these groups from now on. Does not keep the process alive.
	 * @returns ends it
	 * @throws NetlinkError where that is not permitted, or there is no such protocol
	 */
	listen(protocol: number, groups: readonly number[], heard: Heard): Promise<() => void>;
}

/** The kernel refuses, or cannot be asked. */
export class NetlinkError extends Error {
	/** Such as `ENOENT`; `unexpected` for an answer that is none. */
	readonly code: string;

	constructor(code: string) {
		super(`the kernel's answer: ${code}`);
		this.code = code;
	}
}

/** What to do otherwise, where the kernel refuses or cannot be asked. Other errors are thrown on. */
export async function unlessRefused<Answer, Otherwise>(
	answer: Promise<Answer>,
	otherwise: Otherwise,
): Promise<Answer | Otherwise> {
	try {
		return await answer;
	} catch (error) {
		if (error instanceof NetlinkError) {
			return otherwise;
		}
		throw error;
	}
}

/** As it is in native/netlink.c. */
interface Module {
	readonly ask: (protocol: number, request: Buffer, step: number) => Promise<Buffer | number>;
	readonly listen: (
		protocol: number,
		groups: Buffer,
		heard: (messages: Buffer, lost: boolean) => void,
	) => ((goesOn: boolean) => void) | number;
}

/** @param path absolute, of `netlink.node`; undefined where it cannot be loaded */
export function loadNetlink(path: string): Netlink | undefined {
	const loaded: { exports: Partial<Module> } = { exports: {} };
	try {
		process.dlopen(loaded, path);
	} catch {
		return undefined;
	}
	// The kernel's messages have the processor's order, and what reads them here the one of all that we have packages for.
	const { ask, listen } = loaded.exports;
	if (ask === undefined || listen === undefined || endianness() !== "LE") {
		return undefined;
	}
	return {
		ask: async (protocol, request, step = request.length) => {
			const answer = await ask(protocol, request, step);
			if (typeof answer === "number") {
				throw new NetlinkError(nameOf(answer));
			}
			return answer;
		},
		listen: async (protocol, groups, heard) => listenAtPace(listen, protocol, groups, heard),
	};
}

/** @throws NetlinkError */
export function listenAtPace(
	listen: Module["listen"],
	protocol: number,
	groups: readonly number[],
	heard: Heard,
): () => void {
	const readings = new RateLimiter(READINGS.atOnce, READINGS.perSecond, monotonicClock);
	let timer: NodeJS.Timeout | undefined;
	const control = listen(protocol, Buffer.from(Uint32Array.from(groups).buffer), (messages, lost) => {
		heard(lost ? undefined : messages);
		hearNext();
	});
	if (typeof control === "number") {
		throw new NetlinkError(nameOf(control));
	}
	const hearNext = () => {
		const waitMs = readings.take();
		if (waitMs === 0) {
			control(true);
		} else {
			timer = setTimeout(() => control(true), waitMs).unref();
		}
	};
	hearNext();
	return () => {
		clearTimeout(timer);
		control(false);
	};
}

function nameOf(errno: number): string {
	return getSystemErrorName(-Math.abs(errno));
}

/** Of all that this process says: by it, it knows what it has changed itself in what the kernel tells. */
const SEQUENCE = randomInt(1, 2 ** 32);

/** @param body what follows the header */
export function message(type: number, flags: number, ...body: readonly Buffer[]): Buffer {
	const whole = joined(HEADER, body);
	whole.writeUInt32LE(whole.length, 0);
	whole.writeUInt16LE(type, 4);
	whole.writeUInt16LE(flags, 6);
	whole.writeUInt32LE(SEQUENCE, 8);
	return whole;
}

/** @param room for a header before them */
function joined(room: number, parts: readonly Buffer[]): Buffer {
	let size = room;
	for (const { length } of parts) {
		size += length;
	}
	const whole = Buffer.alloc(size);
	let at = room;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** Bytes of `struct nfgenmsg`, with which every message of netfilter begins. */
export const NETFILTER_HEADER = 4;

/** @param resource such as the part of netfilter that a batch is for */
export function netfilterHeader(family: number, resource = 0): Buffer {
	return Buffer.from([family, 0, resource >> 8, resource & 0xff]);
}

export function attribute(type: number, value: Buffer): Buffer {
	const size = ATTRIBUTE_HEADER + value.length;
	const whole = Buffer.alloc(aligned(size));
	whole.writeUInt16LE(size, 0);
	whole.writeUInt16LE(type, 2);
	whole.set(value, ATTRIBUTE_HEADER);
	return whole;
}

export function nested(type: number, ...attributes: readonly Buffer[]): Buffer {
	const whole = joined(ATTRIBUTE_HEADER, attributes);
	whole.writeUInt16LE(whole.length, 0);
	whole.writeUInt16LE(type | NESTED, 2);
	return whole;
}

export interface Message {
	readonly type: number;
	/** It answers this process, or tells of what that has done. */
	readonly isOurs: boolean;
	/** Of what follows the header, in the answer. */
	readonly start: number;
	readonly end: number;
}

/**
 * What the kernel lists, or says beside its acknowledgements.
 * @param complete how many ends the answer must have: of lists, or acknowledgements; an answer with fewer has been cut off
 * @param ended called at each
 * @throws NetlinkError what it refused with
 */
export function* messagesIn(
	answer: Buffer,
	complete: number,
	ended: () => void = () => undefined,
): Generator<Message> {
	let ends = 0;
	for (let at = 0; at + HEADER <= answer.length; ) {
		const size = answer.readUInt32LE(at);
		const type = answer.readUInt16LE(at + 4);
		if (size < HEADER || at + size > answer.length) {
			throw new NetlinkError("unexpected");
		}
		if ((answer.readUInt16LE(at + 6) & INTERRUPTED) !== 0) {
			throw new NetlinkError("EINTR");
		}
		if (type === TYPE.error || type === TYPE.done) {
			const code = size >= HEADER + 4 ? answer.readInt32LE(at + HEADER) : 0;
			if (code !== 0) {
				throw new NetlinkError(nameOf(code));
			}
			ends += 1;
			ended();
		} else {
			const isOurs = answer.readUInt32LE(at + 8) === SEQUENCE;
			yield { type, isOurs, start: at + HEADER, end: at + size };
		}
		at += aligned(size);
	}
	if (ends < complete) {
		throw new NetlinkError("unexpected");
	}
}

/**
 * Visits the attributes between two places of an answer, in their order: in a list, several have one type. Where there are thousands, a
 * buffer for each would be most of what reading them takes.
 * @param visit told where the value is
 * @throws NetlinkError
 */
export function eachAttribute(
	answer: Buffer,
	start: number,
	end: number,
	visit: (type: number, from: number, to: number) => void,
): void {
	for (let at = start; at + ATTRIBUTE_HEADER <= end; ) {
		const size = answer.readUInt16LE(at);
		if (size < ATTRIBUTE_HEADER || at + size > end) {
			throw new NetlinkError("unexpected");
		}
		visit(answer.readUInt16LE(at + 2) & TYPE_MASK, at + ATTRIBUTE_HEADER, at + size);
		at += aligned(size);
	}
}

/** The values of the attributes between two places of an answer, by type. */
export function attributesIn(answer: Buffer, start: number, end: number): Map<number, Buffer> {
	const found = new Map<number, Buffer>();
	eachAttribute(answer, start, end, (type, from, to) => found.set(type, answer.subarray(from, to)));
	return found;
}

function aligned(size: number): number {
	return (size + 3) & ~3;
}
