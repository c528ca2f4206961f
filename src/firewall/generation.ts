/**
 * Whether anybody else has changed nf_tables, by the kernel's own count of its transactions: what the monitor has reported without a
 * gap, and what the kernel counts now. So a lost report is noticed too.
 */

import {
	attributesIn,
	FLAG,
	message,
	messagesIn,
	NETFILTER_HEADER,
	type NetlinkQuestions,
	netfilterHeader,
	PROTOCOL,
	unlessRefused,
} from "../system/netlink.js";
import { GENERATION, NF_TABLES } from "../system/nf-tables.js";

/** A transaction is reported so long after it counts (ms), or not at all: its report may be on its way. */
const REPORTED_MS = 100;

export class GenerationCount {
	readonly #netlink: NetlinkQuestions | undefined;
	#last: number | undefined;
	/** By then, somebody else may have changed something last. */
	#others: number | undefined;

	constructor(netlink: NetlinkQuestions | undefined) {
		this.#netlink = netlink;
	}

	/** A transaction was reported. */
	saw(generation: number, isOurs: boolean): void {
		// Counted by then; who made it was not known.
		if (this.#last !== undefined && generation <= this.#last) {
			return;
		}
		if (!isOurs || this.#last === undefined || generation !== this.#last + 1) {
			this.#others = generation;
		}
		this.#last = generation;
	}

	/** The same number as long as nobody else has changed anything; undefined where that cannot be known. */
	async othersMark(): Promise<number | undefined> {
		const generation = this.#netlink && (await unlessRefused(generationNow(this.#netlink), undefined));
		if (generation === undefined) {
			return undefined;
		}
		if (this.#last !== undefined && generation > this.#last) {
			await new Promise((resolve) => setTimeout(resolve, REPORTED_MS));
		}
		if (this.#last === undefined || generation > this.#last) {
			this.#others = generation;
			this.#last = generation;
		}
		return this.#others;
	}
}

/** @throws NetlinkError */
async function generationNow(netlink: NetlinkQuestions): Promise<number | undefined> {
	const request = message((NF_TABLES << 8) | GENERATION.get, FLAG.request, netfilterHeader(0));
	const answer = await netlink.ask(PROTOCOL.netfilter, request);
	for (const { start, end } of messagesIn(answer, 0)) {
		return attributesIn(answer, start + NETFILTER_HEADER, end)
			.get(GENERATION.id)
			?.readUInt32BE(0);
	}
	return undefined;
}
