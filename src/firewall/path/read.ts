/**
 * Reads the whole rule set of the host, whichever tools wrote it. No tool's absence or failure ends the reading: it is a fact to
 * report, and what may have rules that cannot be read stands in their place as rules whose outcome is not known.
 */

import { readFile } from "node:fs/promises";
import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { CommandError } from "../../system/errors.js";
import { isOfIptables, type Pairs, pair } from "./iptables-pairs.js";
import { iptablesBaseChains, parseSaved, type SavedTable } from "./iptables-rules.js";
import { type LearnOptions, Memberships } from "./memberships.js";
import { type NftTable, parseListing } from "./nft-listing.js";
import { parsePlain } from "./nft-plain.js";
import { nftBaseChains } from "./nft-rules.js";
import { opaqueRules, plainChains } from "./opaque.js";
import type { BaseChain, IsOurs } from "./rules.js";

/** What was found amiss while reading. */
export interface Fact {
	readonly code:
		| "tool-missing"
		| "tool-failed"
		| "no-json"
		| "not-in-kernel"
		/** iptables-save and nft list different rules for one table: iptables must not touch it. */
		| "listings-disagree";
	readonly sentence: string;
	/** The table concerned, as nft names it, such as `ip filter`; undefined for more than one. */
	readonly table?: string;
}

/** Rules that are not among `chains`. */
export interface Unread {
	readonly what: string;
	readonly why: string;
	/** They are there, or something shows that they may be: `chains` has rules of unknown outcome for them. */
	readonly counts: boolean;
}

export interface HostRules {
	readonly chains: readonly BaseChain[];
	readonly facts: readonly Fact[];
	readonly unread: readonly Unread[];
	/**
	 * Reads the named sets that walks asked for since the last call; walk again after it.
	 * False when nothing was asked for, or no more is to be had.
	 */
	learn(options?: LearnOptions): Promise<boolean>;
}

export interface ReadOptions {
	readonly isOurs?: IsOurs;
	/** The proc folder of a process in the network namespace that `commands` runs in. */
	readonly proc?: string;
}

const PREFIX: Record<Family, string> = { ipv4: "iptables", ipv6: "ip6tables" };
const NFT_FAMILY: Record<Family, string> = { ipv4: "ip", ipv6: "ip6" };
const NAMES_FILE: Record<Family, string> = { ipv4: "ip_tables_names", ipv6: "ip6_tables_names" };

export async function readRules(
	commands: Commands,
	{ isOurs = () => false, proc = "/proc/self" }: ReadOptions = {},
): Promise<HostRules> {
	const reading = new Reading(commands, isOurs, proc);
	const nft = await reading.native();
	const chains = [...nft, ...(await reading.legacy("ipv4")), ...(await reading.legacy("ipv6"))];
	return {
		chains,
		facts: reading.facts,
		unread: reading.unread,
		learn: (options) => reading.memberships.learn(options),
	};
}

type Attempt = { readonly stdout: string } | { readonly failure: string; readonly code: string };

/** Of an nft whose kernel knows no nf_tables, or not for that family. */
const NOT_IN_KERNEL =
	/Protocol not supported|Address family not supported|Operation not supported|Invalid argument/;

class Reading {
	readonly facts: Fact[] = [];
	readonly unread: Unread[] = [];
	readonly memberships: Memberships;
	readonly #commands: Commands;
	readonly #isOurs: IsOurs;
	readonly #proc: string;

	constructor(commands: Commands, isOurs: IsOurs, proc: string) {
		this.#commands = commands;
		this.#isOurs = isOurs;
		this.#proc = proc;
		this.memberships = new Memberships(commands);
	}

	/** All that nf_tables holds, iptables' own tables there included. */
	async native(): Promise<BaseChain[]> {
		if ((await this.#commands.find("nft")) === undefined) return this.#withoutNft();
		const [json, plain] = [
			await this.#run("nft", "-j", "-t", "list", "ruleset"),
			await this.#run("nft", "-t", "-a", "list", "ruleset"),
		];
		const tables = "stdout" in json && "stdout" in plain ? parsed(json.stdout, plain.stdout) : undefined;
		if (tables !== undefined) return this.#fromBoth(tables);
		if ("stdout" in plain)
			return this.#fromPlain(plain.stdout, "failure" in json ? json.failure : "nft printed no JSON.");
		if (NOT_IN_KERNEL.test(plain.failure)) {
			this.facts.push({ code: "not-in-kernel", sentence: plain.failure });
			return [];
		}
		this.facts.push({ code: "tool-failed", sentence: plain.failure });
		return this.#opaque("the tables of nftables", plain.failure, "nftables");
	}

	/** The tables of x_tables, which are apart from those of nf_tables. */
	async legacy(family: Family): Promise<BaseChain[]> {
		const names = await readFile(`${this.#proc}/net/${NAMES_FILE[family]}`, "utf8").catch(() => "");
		if (names.trim() === "") return [];
		const tool = await this.#toolFor(family, "legacy");
		const what = `the ${PREFIX[family]}-legacy tables ${names.trim().split("\n").join(", ")}`;
		if (tool === undefined) {
			const sentence = `The kernel has ${what}, and no tool is installed that lists them.`;
			this.facts.push({ code: "tool-missing", sentence });
			return this.#opaque(what, sentence, `${PREFIX[family]}-legacy`, family);
		}
		const saved = await this.#run(tool);
		if ("failure" in saved) {
			this.facts.push({ code: "tool-failed", sentence: saved.failure });
			return this.#opaque(what, saved.failure, `${PREFIX[family]}-legacy`, family);
		}
		return this.#iptables(saved.stdout, family, `${PREFIX[family]}-legacy`);
	}

	async #fromBoth(tables: readonly NftTable[]): Promise<BaseChain[]> {
		const pairs = new Map<NftTable, Pairs>();
		for (const family of ["ipv4", "ipv6"] as const) {
			const own = tables.filter((table) => table.family === NFT_FAMILY[family] && isOfIptables(table));
			if (own.length === 0) continue;
			const saved = await this.#savedOver(family);
			await this.#needIpsets(saved);
			for (const table of own) {
				const found = pair(
					table,
					saved.find(({ name }) => name === table.name),
					this.memberships.ipsets,
					this.#isOurs,
				);
				pairs.set(table, found);
				for (const sentence of found.disagreements) {
					this.facts.push({ code: "listings-disagree", sentence, table: `${table.family} ${table.name}` });
				}
			}
		}
		for (const table of tables) await this.#readVerdictMaps(table);
		return nftBaseChains(tables, {
			lookupIn: (table) => this.memberships.lookupIn(table),
			isOurs: this.#isOurs,
			nameOf: (table) =>
				pairs.get(table)?.disagreements.length === 0
					? `${table.family === "ip" ? "iptables" : "ip6tables"} ${table.name}`
					: undefined,
			better: (table, chain, index, rule) => pairs.get(table)?.better(chain, index, rule) ?? rule,
		});
	}

	/** nft without JSON: what iptables can print is read from it, the rest is known by its chains and policies. */
	async #fromPlain(plain: string, why: string): Promise<BaseChain[]> {
		this.facts.push({ code: "no-json", sentence: why });
		const chains: BaseChain[] = [];
		const saved = { ip: await this.#savedOver("ipv4"), ip6: await this.#savedOver("ipv6") };
		for (const table of parsePlain(plain)) {
			const family = table.family === "ip" ? "ipv4" : "ipv6";
			const lines = (saved as Record<string, readonly SavedTable[]>)[table.family]?.find(
				({ name }) => name === table.name,
			);
			const same =
				lines && table.chains.every(({ name, rules }) => rules.length === lines.lines.get(name)?.length);
			if (lines !== undefined && same) {
				chains.push(
					...iptablesBaseChains([lines], family, PREFIX[family], this.memberships.ipsets, this.#isOurs),
				);
				continue;
			}
			const opaque = plainChains(table, why);
			if (opaque.length > 0)
				this.unread.push({ what: `table ${table.family} ${table.name}`, why, counts: true });
			chains.push(...opaque);
		}
		return chains;
	}

	async #withoutNft(): Promise<BaseChain[]> {
		const chains: BaseChain[] = [];
		let over = false;
		for (const family of ["ipv4", "ipv6"] as const) {
			const saved = await this.#savedOver(family);
			await this.#needIpsets(saved);
			over ||= saved.length > 0;
			chains.push(
				...iptablesBaseChains(saved, family, PREFIX[family], this.memberships.ipsets, this.#isOurs),
			);
		}
		const modules = await readFile("/proc/modules", "utf8").catch(() => "");
		if (!over && !/^nf_tables /m.test(modules)) return chains;
		const sentence = "The command nft is not installed: tables of nftables would not be seen.";
		this.facts.push({ code: "tool-missing", sentence });
		if (!over) return this.#opaque("the tables of nftables", sentence, "nftables");
		// The kernel has nf_tables for iptables' sake; nothing shows that others use it.
		this.unread.push({ what: "the tables of nftables", why: sentence, counts: false });
		return chains;
	}

	/** What iptables keeps in nf_tables; a table that it cannot print is left out. */
	async #savedOver(family: Family): Promise<SavedTable[]> {
		const tool = await this.#toolFor(family, "nft");
		if (tool === undefined) {
			this.facts.push({
				code: "tool-missing",
				sentence: `The command ${PREFIX[family]}-nft-save is not installed.`,
			});
			return [];
		}
		const saved = await this.#run(tool);
		if ("stdout" in saved) return parseSaved(saved.stdout);
		const code = NOT_IN_KERNEL.test(saved.failure) ? "not-in-kernel" : "tool-failed";
		this.facts.push({ code, sentence: saved.failure });
		return [];
	}

	async #iptables(text: string, family: Family, tool: string): Promise<BaseChain[]> {
		const saved = parseSaved(text);
		await this.#needIpsets(saved);
		return iptablesBaseChains(saved, family, tool, this.memberships.ipsets, this.#isOurs);
	}

	/** Named after its variant, or, where there is but one, plain. */
	async #toolFor(family: Family, variant: "nft" | "legacy"): Promise<string | undefined> {
		const named = `${PREFIX[family]}-${variant}-save`;
		if ((await this.#commands.find(named)) !== undefined) return named;
		const plain = `${PREFIX[family]}-save`;
		if ((await this.#commands.find(plain)) === undefined) return undefined;
		const version = await this.#run(plain, "-V");
		const overNft = "stdout" in version && version.stdout.includes("nf_tables");
		return overNft === (variant === "nft") ? plain : undefined;
	}

	async #needIpsets(saved: readonly SavedTable[]): Promise<void> {
		const asks = saved.some(({ lines }) =>
			[...lines.values()].flat().some((line) => line.includes(" --match-set ")),
		);
		if (asks) await this.memberships.readTypes();
	}

	/** Where they lead decides which rules a walk comes to, so they are read before. */
	async #readVerdictMaps(table: NftTable): Promise<void> {
		const statements = table.chains.flatMap(({ rules }) => rules.flatMap(({ statements }) => statements));
		const maps = new Set(
			statements.flatMap((statement) => {
				const data = (statement as { vmap?: { data?: unknown } } | null)?.vmap?.data;
				return typeof data === "string" ? [data.slice(1)] : [];
			}),
		);
		for (const map of [...maps].slice(0, MAX_VERDICT_MAPS)) await this.memberships.read(table, map);
	}

	#opaque(what: string, why: string, table: string, family?: Family): BaseChain[] {
		this.unread.push({ what, why, counts: true });
		return opaqueRules(table, why, family && [family]);
	}

	async #run(tool: string, ...args: string[]): Promise<Attempt> {
		try {
			return await this.#commands.run(tool, args);
		} catch (error) {
			if (error instanceof CommandError) return { failure: error.message, code: error.code };
			throw error;
		}
	}
}

/** Of one table; each is a process. The largest rule set seen has two. */
const MAX_VERDICT_MAPS = 64;

function parsed(json: string, plain: string): NftTable[] | undefined {
	try {
		return parseListing(json, plain);
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
		throw error;
	}
}
