/**
 * Several firewalls that all drop: a datagram comes in only when each of them lets it. A port is opened in all of them or in none,
 * and what another program leaves open in some is closed there.
 */

import { messageOf } from "../system/errors.js";
import { SerialQueue } from "../system/serial-queue.js";
import { attemptAll, FirewallError } from "./errors.js";
import type { Explanation, Firewall, FirewallChange, Opening, Watch } from "./firewall.js";
import { distinct, highest, openingKey, without } from "./opening.js";

export class Combined implements Firewall {
	readonly name: string;
	readonly #members: readonly Firewall[];
	readonly #serial = new SerialQueue();
	/** Keys of what all hold, as listed or changed last. */
	#held = new Set<string>();

	/** @param members two or more */
	constructor(members: readonly Firewall[], name = members.map((member) => member.name).join(" + ")) {
		this.#members = members;
		this.name = name;
	}

	repair(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			const failures: FirewallError[] = [];
			const listed = await each(this.#members, (member) =>
				member.repair().catch((error: unknown) => {
					if (error instanceof FirewallError && error.served !== undefined) {
						failures.push(error);
						return error.served;
					}
					throw error;
				}),
			);
			const common = inAll(listed);
			await each(this.#members, async (member, index) => {
				const partial = without(listed[index] ?? [], common);
				if (partial.length > 0) {
					await member.apply({ open: [], close: partial });
				}
			});
			this.#remember(common);
			if (failures.length > 0) {
				const { code, message } = oneOf(failures) as FirewallError;
				throw new FirewallError(code, message, { cause: failures[0]?.cause, served: common });
			}
			return common;
		});
	}

	async renew(): Promise<boolean> {
		const renewed = await each(this.#members, async (member) => (await member.renew?.()) ?? false);
		return !renewed.includes(false);
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(async () =>
			this.#remember(inAll(await each(this.#members, (member) => member.list()))),
		);
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(() =>
			attemptAll([() => this.#open(distinct(open)), () => this.#close(distinct(close))]),
		);
	}

	clear(): Promise<void> {
		return this.#serial.run(async () => {
			this.#held.clear();
			await attemptAll(this.#members.map((member) => () => member.clear()));
		});
	}

	/** By the one that has seen most: what another drops before it, it does not see. */
	async counted(openings: readonly Opening[]): Promise<ReadonlyMap<string, number>> {
		const counts = await each(
			this.#members,
			async (member) => (await member.counted?.(openings)) ?? NO_COUNTS,
		);
		return highest(counts.flatMap((found) => [...found]));
	}

	async ownWords(opening: Opening, chain: string): Promise<Explanation | undefined> {
		for (const member of this.#members) {
			const words = await member.ownWords?.(opening, chain);
			if (words !== undefined) {
				return words;
			}
		}
		return undefined;
	}

	async watch(listener: (cause: string) => void, elsewhere?: (cause: string) => void): Promise<Watch> {
		const watches: Watch[] = [];
		try {
			for (const member of this.#members) {
				watches.push(await member.watch(listener, elsewhere));
			}
		} catch (error) {
			await stopAll(watches);
			throw error;
		}
		return {
			seesAllOfNft: watches.some(({ seesAllOfNft }) => seesAllOfNft),
			othersMark: async () => watches.find(({ seesAllOfNft }) => seesAllOfNft)?.othersMark?.(),
			stop: () => stopAll(watches),
		};
	}

	async #open(openings: readonly Opening[]): Promise<void> {
		if (openings.length === 0) {
			return;
		}
		const change = { open: openings, close: [] };
		const results = await Promise.allSettled(this.#members.map((member) => member.apply(change)));
		const failures = reasonsIn(results);
		if (failures.length === 0) {
			for (const opening of openings) {
				this.#held.add(openingKey(opening));
			}
			return;
		}
		const added = openings.filter((opening) => !this.#held.has(openingKey(opening)));
		const notTakenBack = await this.#takeBack(added, results);
		throw oneOf([...failures, ...notTakenBack]);
	}

	/** From those that failed too: one may have opened the port of one family and not of the other. */
	async #takeBack(
		openings: readonly Opening[],
		opened: readonly PromiseSettledResult<void>[],
	): Promise<unknown[]> {
		const change = { open: [], close: openings };
		const results = await Promise.allSettled(this.#members.map((member) => member.apply(change)));
		return reasonsIn(results.filter((_, index) => opened[index]?.status === "fulfilled"));
	}

	async #close(openings: readonly Opening[]): Promise<void> {
		if (openings.length === 0) {
			return;
		}
		await each(this.#members, (member) => member.apply({ open: [], close: openings }));
		for (const opening of openings) {
			this.#held.delete(openingKey(opening));
		}
	}

	#remember(openings: Opening[]): Opening[] {
		this.#held = new Set(openings.map(openingKey));
		return openings;
	}
}

const NO_COUNTS: ReadonlyMap<string, number> = new Map();

/** In all at the same time; every one ends before the errors are thrown. */
async function each<T>(
	members: readonly Firewall[],
	act: (member: Firewall, index: number) => Promise<T>,
): Promise<T[]> {
	const results = await Promise.allSettled(members.map(act));
	const failures = reasonsIn(results);
	if (failures.length > 0) {
		throw oneOf(failures);
	}
	return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

function reasonsIn(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
	return results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
}

function oneOf(failures: readonly unknown[]): unknown {
	if (failures.length === 1) {
		return failures[0];
	}
	const sentences = [...new Set(failures.map(messageOf))];
	return new FirewallError("several", sentences.join(" "), { cause: new AggregateError(failures) });
}

function inAll(listed: readonly (readonly Opening[])[]): Opening[] {
	const keys = listed.map((openings) => new Set(openings.map(openingKey)));
	return distinct(listed.flat()).filter((opening) => keys.every((held) => held.has(openingKey(opening))));
}

async function stopAll(watches: readonly Watch[]): Promise<void> {
	await Promise.all(watches.map((watch) => watch.stop()));
}
