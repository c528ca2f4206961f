/**
 * A host whose admin wrote his own nftables ruleset. An accept in a table of ours would not help against the drop in
 * his, so we stand in his table: as elements of the set he declared for us, or as sets, one chain and one tagged jump
 * before his default drop. Elements carry a timeout, so that the kernel closes by itself if the guard dies.
 */

import type { Commands } from "../../system/commands.js";
import { SerialQueue } from "../../system/serial-queue.js";
import { attemptAll } from "../errors.js";
import type { Explanation, Firewall, FirewallChange, Opening, Watch } from "../firewall.js";
import { watchNft } from "../nft-monitor.js";
import { checkOpening, distinct, openingKey, without } from "../opening.js";
import { explainAtSite, type SiteExplanation } from "./explain.js";
import { atTable, isSound, straysIn } from "./inspect.js";
import { CHAIN } from "./own.js";
import { findSites, type Site } from "./place.js";
import { type NftTable, parseRuleset } from "./ruleset.js";
import { lines, removeScript, standScript, tableOf } from "./script.js";
import { AdminStore, adminSet, LEASE_S, OWN_SET_NAMES, OwnStore, type Store } from "./store.js";

export interface NftablesOptions {
	/** A set of ports (`type inet_service`) that the admin accepts: used where it exists in the table that drops. */
	readonly set?: string | undefined;
	/** Openings get no timeout, and lose those they have: nobody would renew them. */
	readonly lasting?: boolean | undefined;
}

export const DEFAULT_SET = "mosh_ports";

const ATTEMPTS = 3;

interface Standing {
	readonly site: Site;
	readonly store: Store;
	/** Of ours, in the admin's table; none where he declared a set. */
	readonly ownRules: boolean;
}

export class Nftables implements Firewall {
	readonly name = "nftables";
	readonly #commands: Commands;
	readonly #set: string;
	readonly #lifetimeS: number | undefined;
	readonly #serial = new SerialQueue();
	#standings: readonly Standing[] = [];
	#known = new Set<string>();
	/** Openings of a family that nothing drops: there is no rule to make for them. */
	#unhindered: Opening[] = [];

	constructor(commands: Commands, { set = DEFAULT_SET, lasting = false }: NftablesOptions = {}) {
		this.#commands = commands;
		this.#set = set;
		this.#lifetimeS = lasting ? undefined : LEASE_S;
	}

	ensure(): Promise<Opening[]> {
		return this.#serial.run(() => this.#ensure());
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			if (this.#standings.length === 0) this.#standings = await this.#survey();
			const tables = new Map<Standing, NftTable>();
			for (const standing of this.#standings) {
				const table = await this.#readTable(standing.site);
				if (table !== undefined) tables.set(standing, table);
			}
			return this.#listIn(tables);
		});
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) checkOpening(opening);
			if (this.#standings.length === 0) await this.#ensure();
			await attemptAll([() => this.#open(distinct(open)), () => this.#close(distinct(close))]);
		});
	}

	clear(): Promise<void> {
		return this.#serial.run(async () => {
			this.#unhindered = [];
			this.#known.clear();
			const tables = await this.#readRuleset(false);
			await attemptAll(tables.map((table) => () => this.#clearTable(table)));
		});
	}

	async explain(opening: Opening): Promise<Explanation> {
		checkOpening(opening);
		const sites = findSites(await this.#readRuleset(false));
		const site = sites.find(({ families }) => families.includes(opening.family));
		if (site === undefined) return { verdict: "open", by: "policy", rule: "no chain drops" };
		const found = explainAtSite(site, this.#storeFor(site), opening);
		const rule = found.handle === undefined ? found.rule : await this.#textOf(site, found);
		return { verdict: found.verdict, by: found.by, rule };
	}

	watch(listener: (cause: string) => void): Promise<Watch> {
		return watchNft(this.#commands, { concerns: isStructural, listener });
	}

	#listIn(tables: ReadonlyMap<Standing, NftTable>): Opening[] {
		const listed = [...tables].flatMap(([{ site, store, ownRules }, table]) => {
			const current = atTable(site, table);
			return current && (!ownRules || isSound(current)) ? store.read(table) : [];
		});
		this.#known = new Set(listed.map(openingKey));
		return [...listed, ...this.#unhindered];
	}

	async #ensure(): Promise<Opening[]> {
		for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
			this.#standings = await this.#survey();
			const flawed = this.#standings.filter(({ site, ownRules }) => ownRules && !isSound(site));
			if (flawed.length === 0) break;
			for (const { site } of flawed) await this.#nft(standScript(site, straysIn(site.table)));
		}
		const seen = new Map<Standing, NftTable>();
		for (const standing of this.#standings) {
			const table = await this.#readTable(standing.site);
			if (table === undefined) continue;
			seen.set(standing, table);
			const script = standing.store.rearm(table);
			if (script.length > 0) await this.#nft(lines(script));
		}
		return this.#listIn(seen);
	}

	/** The structure without elements: an admin's block lists may hold a hundred thousand. */
	async #survey(): Promise<Standing[]> {
		const sites = findSites(await this.#readRuleset(true));
		return sites.map((site) => {
			const store = this.#storeFor(site);
			return { site, store, ownRules: store instanceof OwnStore };
		});
	}

	#storeFor(site: Site): Store {
		const set = adminSet(site, this.#set);
		const lifetime = this.#lifetimeS;
		return set === undefined ? new OwnStore(site, lifetime) : new AdminStore(site, set, lifetime);
	}

	async #open(openings: readonly Opening[]): Promise<void> {
		for (const { site, store } of this.#standings) {
			const mine = openings.filter(({ family }) => site.families.includes(family));
			if (mine.length === 0) continue;
			const mayShare = store.mustLook && mine.some(({ port }) => this.#knowsPort(port));
			const table = mayShare ? await this.#readTable(site) : undefined;
			await this.#attempt(store.open(mine, table), async () => {
				await this.#ensure();
				const now = this.#standings.find((standing) =>
					standing.site.families.includes(mine[0]?.family ?? "ipv4"),
				);
				return now?.store.open(mine, await this.#readTable(now.site)) ?? [];
			});
		}
		this.#unhindered.push(
			...without(
				openings.filter((opening) => !this.#hindered(opening)),
				this.#unhindered,
			),
		);
		for (const opening of openings) this.#known.add(openingKey(opening));
	}

	async #close(openings: readonly Opening[]): Promise<void> {
		for (const { site, store } of this.#standings) {
			const mine = openings.filter(({ family }) => site.families.includes(family));
			if (mine.length === 0) continue;
			const presentLines = async () => {
				const table = await this.#readTable(site);
				if (table === undefined) return [];
				const present = store.read(table);
				return store.close(without(mine, without(mine, present)), table);
			};
			const unsure = store.mustLook || mine.some((opening) => !this.#known.has(openingKey(opening)));
			const script = unsure ? await presentLines() : store.close(mine, site.table);
			await this.#attempt(script, presentLines);
		}
		this.#unhindered = without(this.#unhindered, openings);
		for (const opening of openings) this.#known.delete(openingKey(opening));
	}

	/** One element that is gone, or a chain that is, refuses the whole script: look again, then once more. */
	async #attempt(script: readonly string[], again: () => Promise<readonly string[]>): Promise<void> {
		if (script.length === 0) return;
		try {
			await this.#nft(lines(script));
		} catch {
			const second = await again();
			if (second.length > 0) await this.#nft(lines(second));
		}
	}

	#knowsPort(port: number): boolean {
		return [...this.#known].some((key) => key.endsWith(` ${port}`));
	}

	#hindered({ family }: Opening): boolean {
		return this.#standings.some(({ site }) => site.families.includes(family));
	}

	async #clearTable(table: NftTable): Promise<void> {
		const name = tableOf({ table });
		const sets = OWN_SET_NAMES.filter((set) => table.sets.has(set));
		const strays = straysIn(table);
		const chainExists = table.chains.has(CHAIN);
		const declared = table.sets.get(this.#set);
		if (declared !== undefined && declared.type.join() === "inet_service") {
			const store = new AdminStore({ table }, this.#set, this.#lifetimeS);
			const script = store.close(store.read(table), table);
			if (script.length > 0) await this.#nft(lines(script));
		}
		if (sets.length === 0 && strays.length === 0 && !chainExists) return;
		await this.#nft(removeScript(name, strays, chainExists, sets));
	}

	async #readRuleset(withoutElements: boolean): Promise<NftTable[]> {
		const { stdout } = await this.#commands.run("nft", [
			...(withoutElements ? ["-t"] : []),
			"-j",
			"list",
			"ruleset",
		]);
		return parseRuleset(stdout);
	}

	/** undefined when the table is gone. */
	async #readTable({ table }: Site): Promise<NftTable | undefined> {
		const args = ["-j", "list", "table", table.family, table.name];
		const { stdout, exitCode } = await this.#commands.run("nft", args, { answers: [1] });
		return exitCode === 0 ? parseRuleset(stdout)[0] : undefined;
	}

	/** A rule as nft prints it, rather than as JSON. */
	async #textOf({ table }: Site, { chain, handle, rule }: SiteExplanation): Promise<string> {
		const { stdout } = await this.#commands.run("nft", [
			"-a",
			"list",
			"chain",
			table.family,
			table.name,
			chain,
		]);
		const line = stdout.split("\n").find((text) => text.endsWith(`# handle ${handle}`));
		return line?.replace(/ # handle \d+$/, "").trim() ?? rule;
	}

	async #nft(script: string): Promise<void> {
		await this.#commands.run("nft", ["-f", "-"], { input: script, prestart: true });
	}
}

/** Elements of a foreign set come and go by the hundred (fail2ban); rules, chains, sets and tables seldom. */
function isStructural(line: string): boolean {
	return !line.includes(" element ") || line.startsWith("delete element");
}
