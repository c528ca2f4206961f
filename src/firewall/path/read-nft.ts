/** Reads what nf_tables holds, the tables that iptables keeps there included. */

import { readFile } from "node:fs/promises";
import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { attempt, type Findings } from "./findings.js";
import { isOfIptables, type Pairs, pair } from "./iptables-pairs.js";
import type { Memberships } from "./memberships.js";
import { type NftTable, parseListing } from "./nft-listing.js";
import { type PlainTable, parsePlain } from "./nft-plain.js";
import { nftBaseChains } from "./nft-rules.js";
import { plainChains } from "./opaque.js";
import { type IptablesReading, type Saved, toolName } from "./read-iptables.js";
import type { BaseChain, IsOurs } from "./rules.js";
import { savedByNft } from "./saved-by-nft.js";

const FAMILIES_OF: Readonly<Record<string, Family>> = { ip: "ipv4", ip6: "ipv6" };

/** Of one table; each is a process. The largest rule set seen has two. */
const MAX_VERDICT_MAPS = 64;

export class NftReading {
	readonly #commands: Commands;
	readonly #findings: Findings;
	readonly #memberships: Memberships;
	readonly #iptables: IptablesReading;
	readonly #isOurs: IsOurs;

	constructor(
		commands: Commands,
		findings: Findings,
		memberships: Memberships,
		iptables: IptablesReading,
		isOurs: IsOurs,
	) {
		this.#commands = commands;
		this.#findings = findings;
		this.#memberships = memberships;
		this.#iptables = iptables;
		this.#isOurs = isOurs;
	}

	async chains(): Promise<BaseChain[]> {
		if ((await this.#commands.find("nft")) === undefined) {
			return this.#withoutNft();
		}
		// Terse: without the elements of sets, of which there may be hundreds of thousands.
		const [json, plain] = await Promise.all([
			attempt(this.#commands, "nft", "-j", "-t", "list", "ruleset"),
			attempt(this.#commands, "nft", "-t", "-a", "list", "ruleset"),
		]);
		if ("failure" in plain) {
			if (this.#findings.explains(plain.failure)) {
				return [];
			}
			return this.#findings.opaque("the tables of nftables", plain.failure, "nftables");
		}
		const listed = parsePlain(plain.stdout);
		if ("failure" in json) {
			this.#findings.add("no-json", json.failure);
			return this.#fromPlain(listed, json.failure);
		}
		const tables = parsed(json.stdout, listed);
		return tables === undefined ? this.#oneByOne(listed) : this.#fromBoth(tables);
	}

	/** nft 1.0.6 breaks off its JSON at a dormant table, now and then: the others are asked for by name. */
	async #oneByOne(listed: readonly PlainTable[]): Promise<BaseChain[]> {
		const read: NftTable[] = [];
		const unread: PlainTable[] = [];
		for (const table of listed.filter(({ dormant }) => !dormant)) {
			const json = await attempt(
				this.#commands,
				"nft",
				"-j",
				"-t",
				"list",
				"table",
				table.family,
				table.name,
			);
			const tables = "stdout" in json ? parsed(json.stdout, listed) : undefined;
			if (tables === undefined) {
				unread.push(table);
			} else {
				read.push(...tables);
			}
		}
		const why = "nft prints no JSON for this table.";
		if (unread.length > 0) {
			this.#findings.add("no-json", why);
		}
		return [...(await this.#fromBoth(read)), ...(await this.#fromPlain(unread, why))];
	}

	async #fromBoth(tables: readonly NftTable[]): Promise<BaseChain[]> {
		const pairs = new Map<NftTable, Pairs>();
		for (const [family, inet] of Object.entries(FAMILIES_OF)) {
			const own = tables.filter((table) => table.family === family && isOfIptables(table));
			const saved = await this.#savedOf(inet, own);
			for (const table of own) {
				pairs.set(table, this.#pair(table, saved));
			}
		}
		for (const table of tables) {
			await this.#readVerdictMaps(table);
		}
		return nftBaseChains(tables, {
			lookupIn: (table) => this.#memberships.lookupIn(table),
			isOurs: this.#isOurs,
			nameOf: (table) => {
				const family = FAMILIES_OF[table.family];
				const agrees = pairs.get(table)?.disagreements.length === 0;
				return agrees && family ? `${toolName(family)} ${table.name}` : undefined;
			},
			better: (table, listed, rule) => pairs.get(table)?.better(listed, rule) ?? rule,
		});
	}

	/** What iptables prints of its tables, or, of those with sets, which it would fetch, would print. */
	async #savedOf(family: Family, own: readonly NftTable[]): Promise<Saved | undefined> {
		if (own.length === 0) {
			return undefined;
		}
		if (!own.some(({ hasSets }) => hasSets)) {
			return this.#iptables.overNft(family);
		}
		const saved = await Promise.all(
			own.map((table) => {
				const known = table.hasSets ? savedByNft(table) : undefined;
				return known === undefined ? this.#iptables.overNft(family, table.name) : this.#iptables.parse(known);
			}),
		);
		return { tables: saved.flatMap(({ tables }) => tables), unprintable: [] };
	}

	#pair(table: NftTable, saved: Saved | undefined): Pairs {
		const lines = saved?.tables.find(({ name }) => name === table.name);
		const found = pair(table, lines, this.#memberships.ipsets, this.#isOurs);
		for (const sentence of found.disagreements) {
			this.#findings.add("listings-disagree", sentence, `${table.family} ${table.name}`);
		}
		return found;
	}

	/** Without JSON: what iptables prints of its tables is read from it, of others only chains and policies are known. */
	async #fromPlain(tables: readonly PlainTable[], why: string): Promise<BaseChain[]> {
		const chains: BaseChain[] = [];
		for (const table of tables) {
			const family = FAMILIES_OF[table.family];
			const saved = family && (await this.#iptables.overNft(family));
			const lines = saved?.tables.find(({ name }) => name === table.name);
			const isSame = table.chains.every(({ name, rules }) => rules.length === lines?.lines.get(name)?.length);
			if (family !== undefined && lines !== undefined && isSame) {
				chains.push(...this.#iptables.chains({ tables: [lines], unprintable: [] }, family));
				continue;
			}
			const opaque = plainChains(table, why);
			chains.push(...opaque);
			if (opaque.some(({ chain }) => chain.rules.length > 0)) {
				this.#findings.unread.push({ what: `table ${table.family} ${table.name}`, why, counts: true });
			}
		}
		return chains;
	}

	async #withoutNft(): Promise<BaseChain[]> {
		const ipv4 = await this.#iptables.overNft("ipv4");
		const ipv6 = await this.#iptables.overNft("ipv6");
		const chains = [...this.#iptables.chains(ipv4, "ipv4"), ...this.#iptables.chains(ipv6, "ipv6")];
		const modules = await readFile("/proc/modules", "utf8").catch(() => "");
		if (chains.length === 0 && !/^nf_tables /m.test(modules)) {
			return chains;
		}
		const why = "The command nft is not installed: tables of nftables cannot be seen.";
		this.#findings.add("tool-missing", why);
		if (chains.length === 0) {
			return this.#findings.opaque("the tables of nftables", why, "nftables");
		}
		// The kernel has nf_tables for iptables' sake; nothing shows that others use it.
		this.#findings.unread.push({ what: "the tables of nftables", why, counts: false });
		return chains;
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
		for (const map of [...maps].slice(0, MAX_VERDICT_MAPS)) {
			await this.#memberships.read(table, map);
		}
	}
}

function parsed(json: string, listed: readonly PlainTable[]): NftTable[] | undefined {
	try {
		return parseListing(json, listed);
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof TypeError) {
			return undefined;
		}
		throw error;
	}
}
