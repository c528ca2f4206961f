/**
 * What becomes of a datagram to a port that has just been opened, without a reading of all rules for each login: by the last
 * reading, in which the port counts as open. Where that does not show it open, the rules are read again.
 */

import { setImmediate } from "node:timers/promises";
import type { Commands, Output, RunOptions } from "../system/commands.js";
import { CommandError, messageOf } from "../system/errors.js";
import { ForwardingCommands } from "../system/forwarding-commands.js";
import type { NetlinkQuestions } from "../system/netlink.js";
import type { Explanation, Firewall, Opening } from "./firewall.js";
import { networkState } from "./network-state.js";
import { openingKey } from "./opening.js";
import type { Network } from "./path/interfaces.js";
import type { Ports } from "./path/packet.js";
import { UNREACHED, Verifier } from "./verify.js";

export interface CachedVerifierOptions {
	readonly firewall: Pick<Firewall, "list" | "ownWords">;
	/** The guarded ports: what holds for each of them is found out once. */
	readonly ports: () => Ports;
	/** For all commands of a reading, and for the walks of an answer (ms). */
	readonly withinMs?: number | undefined;
	/** As in `VerifyOptions`. */
	readonly network?: Network;
	readonly net?: string;
	readonly netlink?: NetlinkQuestions | undefined;
}

/** For all commands of a reading (ms): whoever reports a port waits 2 s for all (`REPORT_BUDGET_MS` in guard-protocol/messages.ts). */
const COMMANDS_MS = 1200;
/** For following datagrams through the rules (ms); what is not reached by then is not said. */
const WALKS_MS = 1000;

/** A rule that was changed by others between a reading and the next is seen by the next; twice in a row is enough. */
const READINGS = 2;

/** A reading that left something unknown, a slow tool perhaps, answers no longer than this (ms): the next one may know. */
const UNKNOWN_KEPT_MS = 1000;

interface Reading {
	readonly verifier: Verifier;
	readonly commands: NotedCommands;
	/** What was open when it began. */
	readonly held: ReadonlyMap<string, Opening>;
	/** By family and address: whether nothing in the rules tells the guarded ports apart, and all are open. */
	readonly alike: Map<string, Promise<Explanation | undefined>>;
	/** By opening. */
	readonly single: Map<string, Promise<Explanation>>;
}

export class CachedVerifier {
	readonly #commands: Commands;
	readonly #options: CachedVerifierOptions;
	#reading: Promise<Reading> | undefined;
	/** How many changes were told of. */
	#changes = 0;
	/** When the reading is too old, on the process' clock. */
	#until = Number.POSITIVE_INFINITY;
	/** Interfaces, addresses and default routes when the reading began: what it says holds for no others. */
	#network = "";

	constructor(commands: Commands, options: CachedVerifierOptions) {
		this.#commands = commands;
		this.#options = options;
	}

	/** Others may have changed rules: the next question is answered by a new reading, and so is one that is being answered. */
	invalidate(): void {
		this.#changes += 1;
		this.#reading = undefined;
	}

	/** Whether what it says holds for as long as nobody changes rules of nf_tables or iptables, or the network. Never rejects. */
	async holds(): Promise<boolean> {
		const reading = await this.#reading?.catch(() => undefined);
		return reading?.commands.areLasting === true && this.#until === Number.POSITIVE_INFINITY;
	}

	/** Reads the rules unless they are as they were. Never rejects. */
	async prepare(): Promise<void> {
		this.#reading ??= this.#read([]);
		const current = this.#reading;
		await current.catch(() => this.#forget(current));
	}

	/**
	 * Never rejects: what cannot be read is unknown. Openings for which there is no time have no answer.
	 * @param held what is open now, these included
	 */
	async explain(
		openings: readonly Opening[],
		held: () => readonly Opening[],
	): Promise<ReadonlyMap<string, Explanation>> {
		const found = new Map<string, Explanation>();
		let asked = openings;
		for (let round = 0; round < READINGS && asked.length > 0; round += 1) {
			if (performance.now() > this.#until || this.#network !== this.#networkNow()) {
				this.#reading = undefined;
			}
			this.#reading ??= this.#read(held());
			const current = this.#reading;
			const changes = this.#changes;
			let reading: Reading;
			try {
				reading = await current;
				await this.#explainIn(reading, asked, found);
				if (current === this.#reading && asked.some((opening) => isUnknown(found, opening))) {
					this.#until = Math.min(this.#until, performance.now() + UNKNOWN_KEPT_MS);
				}
			} catch (error) {
				this.#forget(current);
				const rule = messageOf(error);
				for (const opening of asked) {
					found.set(openingKey(opening), { verdict: "unknown", by: "admin", rule });
				}
				return found;
			}
			if (changes !== this.#changes) {
				continue;
			}
			asked = asked.filter((opening) => {
				const key = openingKey(opening);
				return found.get(key)?.verdict !== "open" && found.has(key) && !reading.held.has(key);
			});
			if (asked.length > 0) {
				this.#forget(current);
			}
		}
		return found;
	}

	#networkNow(): string {
		return networkState(this.#options.net);
	}

	/** Unless a later one has begun. */
	#forget(reading: Promise<Reading>): void {
		if (this.#reading === reading) {
			this.#reading = undefined;
		}
	}

	async #read(openings: readonly Opening[]): Promise<Reading> {
		this.#until = Number.POSITIVE_INFINITY;
		this.#network = this.#networkNow();
		const { firewall, network, net, netlink, withinMs } = this.#options;
		const held = new Map(openings.map((opening) => [openingKey(opening), opening]));
		const commands = new NotedCommands(this.#commands);
		const verifier = await Verifier.read(commands, {
			withinMs: withinMs ?? COMMANDS_MS,
			firewall,
			netlink,
			...(network === undefined ? {} : { network }),
			...(net === undefined ? {} : { net }),
		});
		return { verifier, commands, held, alike: new Map(), single: new Map() };
	}

	async #explainIn(
		reading: Reading,
		openings: readonly Opening[],
		found: Map<string, Explanation>,
	): Promise<void> {
		const end = performance.now() + (this.#options.withinMs ?? WALKS_MS);
		for (const [index, opening] of openings.entries()) {
			if (index > 0 && performance.now() > end) {
				return;
			}
			const known = await this.#ofAll(reading, opening);
			found.set(openingKey(opening), known ?? (await ofOne(reading, opening)));
			if (known === undefined) {
				// The guard has logins to serve meanwhile.
				await setImmediate();
			}
		}
	}

	#ofAll(reading: Reading, opening: Opening): Promise<Explanation | undefined> {
		const { first, last } = this.#options.ports();
		if (opening.port < first || opening.port > last) {
			return Promise.resolve(undefined);
		}
		const key = `${opening.family} ${opening.address} ${first} ${last}`;
		let known = reading.alike.get(key);
		if (known === undefined) {
			known = reading.verifier.foreseeAll(opening, { first, last }, alikeIn(reading, opening));
			reading.alike.set(key, known);
		}
		return known;
	}
}

class NotedCommands extends ForwardingCommands {
	/** Whether each was in time, and none was asked whose answers may change without a word: those of sets of ipset. */
	areLasting = true;

	override async run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output> {
		this.areLasting &&= tool !== "ipset";
		try {
			return await this.others.run(tool, args, options);
		} catch (error) {
			this.areLasting &&= !(error instanceof CommandError && error.code === "tool-timeout");
			throw error;
		}
	}
}

function isUnknown(found: ReadonlyMap<string, Explanation>, opening: Opening): boolean {
	return found.get(openingKey(opening))?.verdict === "unknown";
}

function ofOne(reading: Reading, opening: Opening): Promise<Explanation> {
	const { verifier, held, single } = reading;
	const key = openingKey(opening);
	let known = single.get(key);
	if (known === undefined) {
		const found = held.has(key)
			? verifier.explain(opening)
			: verifier.foresee(opening, alikeIn(reading, opening));
		known = found.then((explanation) => explanation ?? UNREACHED);
		single.set(key, known);
	}
	return known;
}

/** A port of the same address that was open: what opens it opens others. */
function alikeIn({ held }: Reading, { family, address }: Opening): Opening | undefined {
	return [...held.values()].find((other) => other.family === family && other.address === address);
}
