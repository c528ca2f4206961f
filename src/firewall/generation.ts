/**
 * Whether anybody else has changed nf_tables, by the kernel's own count of its transactions: what the monitor has reported without a
 * gap, and what the kernel counts now. So a lost report is noticed too.
 */

import {
	attributesIn,
	FLAG,
	message,
	messagesIn,
	type Netlink,
	NetlinkError,
	PROTOCOL,
} from "../system/netlink.js";

/** linux/netfilter/nf_tables.h */
const GET_GENERATION = (10 << 8) | 16;
const GENERATION_ID = 1;
/** Bytes of `struct nfgenmsg`. */
const HEADER = 4;

export class GenerationCount {
	readonly #netlink: Netlink | undefined;
	#last: number | undefined;
	#others = 0;

	constructor(netlink: Netlink | undefined) {
		this.#netlink = netlink;
	}

	/** A transaction was reported. */
	saw(generation: number, isOurs: boolean): void {
		// Counted by then; who made it was not known.
		if (this.#last !== undefined && generation <= this.#last) {
			return;
		}
		if (!isOurs || this.#last === undefined || generation !== this.#last + 1) {
			this.#others += 1;
		}
		this.#last = generation;
	}

	/** The same number as long as nobody else has changed anything; undefined where that cannot be known. */
	async othersMark(): Promise<number | undefined> {
		const generation = this.#netlink && (await generationNow(this.#netlink));
		if (generation === undefined) {
			return undefined;
		}
		if (generation !== this.#last) {
			this.#others += 1;
			this.#last = generation;
		}
		return this.#others;
	}
}

async function generationNow(netlink: Netlink): Promise<number | undefined> {
	try {
		const answer = await netlink.ask(
			PROTOCOL.netfilter,
			message(GET_GENERATION, FLAG.request, Buffer.alloc(HEADER)),
		);
		for (const { start, end } of messagesIn(answer, 0)) {
			return attributesIn(answer, start + HEADER, end)
				.get(GENERATION_ID)
				?.readUInt32BE(0);
		}
		return undefined;
	} catch (error) {
		if (error instanceof NetlinkError) {
			return undefined;
		}
		throw error;
	}
}
