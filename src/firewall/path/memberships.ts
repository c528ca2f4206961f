/**
 * What is in the named sets that rules look things up in, as far as a walk has asked. A walk that asks for what is not known
 * goes on without it; what it asked for is read afterwards, and the next walk knows.
 */

import type { Commands } from "../../system/commands.js";
import { CommandError } from "../../system/errors.js";
import type { NetlinkQuestions } from "../../system/netlink.js";
import type { Ipsets } from "./iptables-match.js";
import { kernelHas } from "./kernel-lookup.js";
import { type NftTable, parseElements } from "./nft-listing.js";
import type { Lookup } from "./nft-match.js";

/**
 * `nft list set` reads that set alone: 10,000 addresses took 0.3 s, 300,000 more than 5. `nft get element` of 1.0.6 reads all
 * sets of the host, 5 s with these, for one answer; so it is the second choice. What takes longer is not known.
 */
const LIST_TIMEOUT_MS = 1200;
const GET_TIMEOUT_MS = 1200;

/** Of one reading: a rule set that asks for more is not worth the processes. */
const MAX_QUESTIONS = 256;

/** Of sets of sets that are read; each is a process. */
const MAX_LISTS = 16;

export interface LearnOptions {
	/** Asks also where the answer takes seconds: sets that are too large to be listed. */
	readonly patient?: boolean;
}

export class Memberships {
	readonly #commands: Commands;
	readonly #netlink: NetlinkQuestions | undefined;
	/** By the words that name a set to nft; undefined: not to be had. */
	readonly #elements = new Map<string, readonly unknown[] | undefined>();
	/** By the words of the question; undefined: not to be had. */
	readonly #answers = new Map<string, boolean | undefined>();
	readonly #types = new Map<string, string>();
	/** Of sets of sets. */
	readonly #members = new Map<string, readonly string[]>();
	/** Questions that the kernel cannot answer. */
	readonly #unasked = new Set<string>();
	/** Of the kernel, at no cost worth counting, asked since the last reading. */
	readonly #cheap = new Map<string, () => Promise<void>>();
	/** Asked since the last reading: what to do about it, by the same words. */
	readonly #open = new Map<string, (options: LearnOptions) => Promise<void>>();
	#asked = 0;

	/** @param netlink of the network namespace that `commands` run in */
	constructor(commands: Commands, netlink?: NetlinkQuestions) {
		this.#commands = commands;
		this.#netlink = netlink;
	}

	/** Reads what the walks since the last call asked for. False when there was nothing that could be learned. */
	async learn(options: LearnOptions = {}): Promise<boolean> {
		const open = [...this.#open.values()].slice(0, MAX_QUESTIONS - this.#asked);
		this.#open.clear();
		this.#asked += open.length;
		const cheap = [...this.#cheap.values()];
		this.#cheap.clear();
		for (const ask of cheap) {
			await ask();
		}
		for (const ask of open) {
			await ask(options);
		}
		return open.length + cheap.length > 0;
	}

	/** Reads a named set or map now. */
	async read(table: NftTable, set: string): Promise<void> {
		const place = placeOf(table, set);
		const kind = table.maps.has(set) ? "map" : "set";
		const listed = await this.#try("nft", ["-j", "list", kind, ...place], LIST_TIMEOUT_MS);
		this.#elements.set(place.join(" "), listed === undefined ? undefined : parseElements(listed.stdout));
	}

	lookupIn(table: NftTable): Lookup {
		return {
			nameOf: (set) => placeOf(table, set).join(" "),
			hasRanges: (set) => table.shapes?.get(set)?.hasRanges === true,
			depends: (set) => table.shapes?.get(set)?.depends === true,
			known: (set) => this.#elements.get(placeOf(table, set).join(" ")),
			get: (set, key) => this.#ofKernel(table, set, key),
			elements: (set) => {
				const name = placeOf(table, set).join(" ");
				if (!this.#elements.has(name)) {
					this.#open.set(name, () => this.read(table, set));
				}
				return this.#elements.get(name);
			},
			has: (set, key) => {
				const place = placeOf(table, set);
				const words = ["get", "element", ...place, `{ ${key.join(" . ")} }`];
				// Its elements are asked for first, and only where they are not to be had, this.
				if (!this.#elements.has(place.join(" "))) {
					return undefined;
				}
				return this.#answer(words.join(" "), async ({ patient = false }) =>
					patient ? this.#isThere("nft", words, /No such file or directory/) : undefined,
				);
			},
		};
	}

	/** Undefined where it is not known yet, and where it is not to be had. */
	#ofKernel(table: NftTable, set: string, key: readonly string[]): boolean | "asked" | undefined {
		const question = [...placeOf(table, set), ...key].join(" ");
		const answer = this.#answers.get(question);
		const netlink = this.#netlink;
		if (answer !== undefined || netlink === undefined || this.#unasked.has(question)) {
			return answer;
		}
		this.#cheap.set(question, async () => {
			const { family, name } = table;
			const types = table.shapes?.get(set)?.types ?? [];
			const found = await kernelHas(netlink, { family, table: name, set, types }, key);
			if (found === undefined) {
				this.#unasked.add(question);
			} else {
				this.#answers.set(question, found);
			}
		});
		return "asked";
	}

	/** Which types the host's ipsets have. */
	async readTypes(): Promise<void> {
		const listed = await this.#try("ipset", ["list", "-terse"], LIST_TIMEOUT_MS);
		for (const [, name = "", type = ""] of listed?.stdout.matchAll(/^Name: (\S+)\nType: \w+:(\S+)$/gm) ??
			[]) {
			this.#types.set(name, type);
		}
		const lists = [...this.#types].filter(([, type]) => type === "set").slice(0, MAX_LISTS);
		await Promise.all(
			lists.map(async ([name]) => {
				const list = await this.#try("ipset", ["list", name], LIST_TIMEOUT_MS);
				if (list !== undefined) {
					const [, members = ""] = list.stdout.split("\nMembers:\n");
					const names = members.split("\n").map((line) => line.split(" ")[0] ?? "");
					this.#members.set(
						name,
						names.filter((one) => one !== ""),
					);
				}
			}),
		);
	}

	get ipsets(): Ipsets {
		return {
			typeOf: (set) => this.#types.get(set),
			membersOf: (set) => this.#members.get(set),
			has: (set, member) =>
				this.#answer(`ipset test ${set} ${member}`, () =>
					this.#isThere("ipset", ["test", set, member], /is NOT in set/),
				),
		};
	}

	#answer(
		question: string,
		ask: (options: LearnOptions) => Promise<boolean | undefined>,
	): boolean | undefined {
		if (!this.#answers.has(question)) {
			this.#open.set(question, async (options) => {
				const answer = await ask(options);
				this.#answers.set(question, answer);
			});
		}
		return this.#answers.get(question);
	}

	/** @param absent what the tool says when it is not there */
	async #isThere(tool: string, words: readonly string[], absent: RegExp): Promise<boolean | undefined> {
		const output = await this.#try(tool, words, GET_TIMEOUT_MS, [1]);
		if (output === undefined || output.exitCode === 0) {
			return output && true;
		}
		return absent.test(output.stderr + output.stdout) ? false : undefined;
	}

	#try(tool: string, words: readonly string[], timeoutMs: number, answers: readonly number[] = []) {
		return this.#commands.run(tool, words, { timeoutMs, answers }).catch((error: unknown) => {
			if (error instanceof CommandError) {
				return undefined;
			}
			throw error;
		});
	}
}

function placeOf({ family, name }: NftTable, set: string): [string, string, string] {
	return [family, name, set];
}
