/**
 * Whether anybody else has changed nf_tables, by the kernel's own count of its transactions: what the monitor has reported without a
 * gap, and what the kernel counts now. So a lost report is noticed too.
 */

import { messagesIn, type NetlinkQuestions, PROTOCOL, unlessRefused } from "../system/netlink.js";
import { generationIn, generationQuestion } from "../system/nf-tables.js";

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
export async function generationNow(netlink: NetlinkQuestions): Promise<number | undefined> {
	const answer = await netlink.ask(PROTOCOL.netfilter, generationQuestion());
	for (const told of messagesIn(answer, 0)) {
		return generationIn(answer, told);
	}
	return undefined;
}
