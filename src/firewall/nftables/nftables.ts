/**
 * A host with the administrator's own nftables ruleset. An accept in a table of ours would not override the drop in theirs, so
 * openings go into their table: as elements of a set that they declared, or as our sets, one chain and one tagged jump before
 * the default drop. Elements carry a timeout, so that the kernel closes the ports if the guard dies.
 */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { type Netlink, unlessRefused } from "../../system/netlink.js";
import { SerialQueue } from "../../system/serial-queue.js";
import { attemptAll, FirewallError } from "../errors.js";
import type { Firewall, FirewallChange, Opening, Watch } from "../firewall.js";
import { iptablesTables } from "../iptables/owned-tables.js";
import type { NftChange } from "../nft-change.js";
import { isStructural, watchNft } from "../nft-watch.js";
import { checkOpening, distinct, highest, openingKey, sameOpening, without } from "../opening.js";
import type { ReadInterfaces } from "../placement.js";
import {
	droppingChains,
	findInsertionPoints,
	type InsertionPoint,
	type SearchOptions,
} from "./insertion-point.js";
import {
	isEmpty,
	isIntact,
	ownedObjectsIn,
	relocate,
	type StrayElement,
	strayElementsIn,
	strayRulesIn,
} from "./inspect.js";
import { type Counters, changeElements, readCounters } from "./kernel-elements.js";
import { readRuleset, readTable, withElements, withoutDormant } from "./read-ruleset.js";
import type { NftTable } from "./ruleset.js";
import { deleteLine, installScript, lines, removeScript, tableOf, withoutOtherSets } from "./script.js";
import { AdminStore, adminSet, LEASE_S, OwnStore, RENEW_BELOW_S, type Store } from "./store.js";
import { WholeSetStore } from "./whole-sets.js";

export interface NftablesOptions {
	/**
	 * A set of ports (`type inet_service`) that the administrator's ruleset accepts. Without it, or where the table that drops
	 * has no such set, our own sets and chain are used.
	 */
	readonly set?: string | undefined;
	/** Openings do not expire and lose the timeout they have: no guard stays to renew them. */
	readonly persistent?: boolean | undefined;
	/** The interfaces that new sessions come in by. Default: none is known. */
	readonly interfaces?: ReadInterfaces | undefined;
	/** Changes elements without `nft`. */
	readonly netlink?: Netlink | undefined;
}

/** Another program may change the rules between a read and a write, but hardly three times in a row. */
const ATTEMPTS = 3;

/** As long as less than this has passed, no lease is due. */
const RENEW_AFTER_MS = (LEASE_S - RENEW_BELOW_S) * 1000;

/** A transaction keeps everybody else's waiting, and is limited in size. */
const RENEWED_AT_ONCE = 100;

/** How openings are kept at one insertion point. */
interface Installation {
	readonly point: InsertionPoint;
	readonly store: Store;
	/** Name of the administrator's set in use; undefined where our own sets and chain are. */
	readonly adminSet: string | undefined;
}

export class Nftables implements Firewall {
	readonly name = "nftables";
	readonly #commands: Commands;
	readonly #set: string | undefined;
	readonly #lifetimeS: number | undefined;
	readonly #netlink: Netlink | undefined;
	readonly #serial = new SerialQueue();
	readonly #readInterfaces: ReadInterfaces | undefined;
	#search: SearchOptions = {};
	#installations: readonly Installation[] = [];
	/** The openings listed last or changed since, by their keys. */
	#known = new Map<string, Opening>();
	/** Whether sets that count can be made, as far as is known. */
	#counting = true;
	/** Whether the host has sets of ranges, as last read. */
	#hasRanges = false;
	/** Openings of a family that no chain drops: there is no rule to add for them. */
	#unfiltered: Opening[] = [];
	/** Every element that expires was given its whole lease then, or later (ms); undefined where that is not known. */
	#leasedAt: number | undefined;

	constructor(commands: Commands, { set, persistent = false, interfaces, netlink }: NftablesOptions = {}) {
		this.#readInterfaces = interfaces;
		this.#commands = commands;
		this.#set = set;
		this.#netlink = netlink;
		this.#lifetimeS = persistent ? undefined : LEASE_S;
	}

	repair(): Promise<Opening[]> {
		return this.#serial.run(() => this.#repair());
	}

	renew(): Promise<boolean> {
		return this.#serial.run(async () => {
			const isDue = this.#leasedAt === undefined || performance.now() - this.#leasedAt > RENEW_AFTER_MS;
			if (isDue && !(await this.#renewKnown())) {
				await this.#renewIn(await this.#readTables());
			}
			return true;
		});
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			if (this.#installations.length === 0) {
				this.#installations = await this.#survey();
			}
			return this.#listIn(await this.#readTables());
		});
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) {
				checkOpening(opening);
			}
			if (this.#installations.length === 0) {
				await this.#repair();
			}
			await attemptAll([() => this.#open(distinct(open)), () => this.#close(distinct(close))]);
		});
	}

	counted(openings: readonly Opening[]): Promise<ReadonlyMap<string, number>> {
		return this.#serial.run(async () => {
			const wanted = new Set(openings.map(openingKey));
			const counts: (readonly [string, number])[] = [];
			for (const { point, store } of this.#installations) {
				const table = await readTable(this.#commands, point.table);
				counts.push(...(table === undefined ? [] : store.counted(table)));
			}
			return highest(counts.filter(([key]) => wanted.has(key)));
		});
	}

	/** In every table and every set: what was opened under an earlier configuration is recognised by its tag. */
	clear(): Promise<void> {
		return this.#serial.run(async () => {
			this.#unfiltered = [];
			this.#known.clear();
			const tables = await this.#readAll();
			await attemptAll(
				tables.flatMap((table) => [
					async () => this.#removeElements(await withElements(this.#commands, table)),
					() => this.#removeOwned(table),
				]),
			);
			const left = (await readRuleset(this.#commands)).find((table) => !isEmpty(ownedObjectsIn(table)));
			if (left !== undefined) {
				const message = `Rules of the guard are left in the table ${left.family} ${left.name} of nftables.`;
				throw new FirewallError("tool-failed", message);
			}
		});
	}

	watch(listener: (cause: string) => void): Promise<Watch> {
		return watchNft(this.#commands, { concerns: mayConcern, listener, netlink: this.#netlink });
	}

	#listIn(tables: ReadonlyMap<Installation, NftTable>): Opening[] {
		const held = [...tables].map(([installation, table]) => {
			const point = relocate(installation.point, table, this.#search);
			const openings = point && isInForce({ ...installation, point }) ? installation.store.read(table) : [];
			return { families: installation.point.families, openings };
		});
		const listed = inAll(held);
		this.#known = new Map(listed.map((opening) => [openingKey(opening), opening]));
		return [...listed, ...this.#unfiltered];
	}

	/** Costs one listing of the ruleset and one per table, and no other command where nothing needs repair or renewal. */
	async #repair(): Promise<Opening[]> {
		for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
			this.#installations = await this.#survey();
			const flawed = this.#installations.filter((installation) => !isIntended(installation));
			if (flawed.length === 0) {
				break;
			}
			await this.#install(flawed);
		}
		const seen = await this.#readTables();
		await this.#renewIn(seen);
		for (const [{ adminSet }, table] of seen) {
			const strays = strayElementsIn(table, adminSet).filter(isRemovable);
			await this.#change(strays.map((element) => deleteLine(tableOf({ table }), element)));
		}
		await this.#closePartial(seen);
		return this.#listIn(seen);
	}

	async #readTables(): Promise<Map<Installation, NftTable>> {
		const tables = new Map<Installation, NftTable>();
		for (const installation of this.#installations) {
			const table = await readTable(this.#commands, installation.point.table);
			if (table !== undefined) {
				tables.set(installation, table);
			}
		}
		return tables;
	}

	/** Whether the kernel has begun the leases of all that is known anew: what is missing is for `nft` to find. */
	async #renewKnown(): Promise<boolean> {
		const netlink = this.#elementsBy;
		if (netlink === undefined) {
			return false;
		}
		const now = performance.now();
		const known = [...this.#known.values()];
		const points = this.#installations.map(({ point }) => point);
		const counters = await unlessRefused(readCounters(netlink, points), undefined);
		for (let first = 0; first < known.length; first += RENEWED_AT_ONCE) {
			const some = known.slice(first, first + RENEWED_AT_ONCE);
			if (counters === undefined || !(await this.#changeElements("renew", some, counters))) {
				return false;
			}
		}
		this.#leasedAt = now;
		return true;
	}

	async #renewIn(tables: ReadonlyMap<Installation, NftTable>): Promise<void> {
		const now = performance.now();
		this.#leasedAt = undefined;
		let isWhole = true;
		for (const [{ store }, table] of tables) {
			const script = store.renew(table);
			await this.#change(script);
			isWhole &&= script.length > 0 || store.read(table).length === 0;
		}
		this.#leasedAt = isWhole ? now : undefined;
	}

	async #install(flawed: readonly Installation[]): Promise<void> {
		const script = (counting: boolean) =>
			flawed.map((installation) => repairScript(installation, counting)).join("");
		try {
			await this.#nft(script(this.#counting));
		} catch (error) {
			if (!this.#counting) {
				throw error;
			}
			// Before Linux 5.7 and nft 0.9.5, elements of sets do not count.
			await this.#nft(script(false));
			this.#counting = false;
		}
	}

	/** What another program left in one of several tables that drop is closed there: whoever wants it open asks again. */
	async #closePartial(seen: ReadonlyMap<Installation, NftTable>): Promise<void> {
		if (seen.size < 2) {
			return;
		}
		const held = [...seen].map(([{ point, store }, table]) => ({
			families: point.families,
			openings: store.read(table),
		}));
		const partial = without(distinct(held.flatMap(({ openings }) => openings)), inAll(held));
		const script = [...seen].flatMap(([{ store }, table]) => {
			const present = store.read(table);
			return store.close(without(partial, without(partial, present)), table);
		});
		await this.#change(script);
	}

	async #survey(): Promise<Installation[]> {
		const tables = await this.#readAwake();
		this.#search = await this.#searchIn(tables);
		const points = findInsertionPoints(tables, this.#search);
		return points.map((point) => this.#installationAt(point));
	}

	async #readAll(): Promise<readonly NftTable[]> {
		const tables = await readRuleset(this.#commands);
		this.#hasRanges = tables.some(({ ranges }) => ranges.size > 0);
		return tables;
	}

	/** Which tables are switched off matters only where several could drop. */
	async #readAwake(): Promise<readonly NftTable[]> {
		const tables = await this.#readAll();
		const dropping = new Set(droppingChains(tables).map(({ table }) => table));
		return dropping.size > 1 ? withoutDormant(this.#commands, tables) : tables;
	}

	async #searchIn(tables: readonly NftTable[]): Promise<SearchOptions> {
		const ofIptables = await iptablesTables(this.#commands, tables);
		return {
			interfaces: (await this.#readInterfaces?.()) ?? {},
			isOfIptables: ({ family, name }) => ofIptables.has(`${family} ${name}`),
		};
	}

	#installationAt(point: InsertionPoint): Installation {
		const set = adminSet(point, this.#set);
		const Own = this.#hasRanges ? WholeSetStore : OwnStore;
		const store =
			set === undefined ? new Own(point, this.#lifetimeS) : new AdminStore(point, set, this.#lifetimeS);
		return { point, store, adminSet: set };
	}

	async #open(openings: readonly Opening[]): Promise<void> {
		if (!(await this.#changeElements("add", openings))) {
			await this.#attempt(await this.#openLines(openings, false), async () => {
				await this.#repair();
				return this.#openLines(openings, true);
			});
		}
		this.#unfiltered.push(
			...without(
				openings.filter((opening) => !this.#isFiltered(opening)),
				this.#unfiltered,
			),
		);
		for (const opening of openings) {
			this.#known.set(openingKey(opening), opening);
		}
	}

	async #close(openings: readonly Opening[]): Promise<void> {
		if (!(await this.#changeElements("delete", openings))) {
			await this.#attempt(await this.#closeLines(openings, false), () => this.#closeLines(openings, true));
		}
		this.#unfiltered = without(this.#unfiltered, openings);
		for (const opening of openings) {
			this.#known.delete(openingKey(opening));
		}
	}

	/** Undefined where `nft` changes elements: those of a set of the administrator's. */
	get #elementsBy(): Netlink | undefined {
		return this.#installations.every(({ adminSet }) => adminSet === undefined) ? this.#netlink : undefined;
	}

	/**
	 * Whether the kernel has changed all of them, in one transaction: not where a set, the chain or an element is missing, which is for
	 * `nft` and its listings to mend.
	 */
	async #changeElements(
		kind: "add" | "delete" | "renew",
		openings: readonly Opening[],
		counters?: Counters,
	): Promise<boolean> {
		const netlink = this.#elementsBy;
		if (netlink === undefined) {
			return false;
		}
		const changes = this.#installations.map(({ point }) => ({
			point,
			openings: openings.filter(({ family }) => point.families.includes(family)),
		}));
		return unlessRefused(changeElements(netlink, kind, changes, this.#lifetimeS, counters), false);
	}

	/** For every table that drops, so that all are opened or none. */
	async #openLines(openings: readonly Opening[], afterRepair: boolean): Promise<string[]> {
		const script: string[] = [];
		for (const { point, store } of this.#installations) {
			const mine = openings.filter(({ family }) => point.families.includes(family));
			if (mine.length === 0) {
				continue;
			}
			const mayShare = store.needsTable && (afterRepair || mine.some(({ port }) => this.#knowsPort(port)));
			script.push(...store.open(mine, mayShare ? await readTable(this.#commands, point.table) : undefined));
		}
		return script;
	}

	/** @param afterFailure deletes only what a listing shows */
	async #closeLines(openings: readonly Opening[], afterFailure: boolean): Promise<string[]> {
		const script: string[] = [];
		for (const { point, store } of this.#installations) {
			const mine = openings.filter(({ family }) => point.families.includes(family));
			if (mine.length === 0) {
				continue;
			}
			const unsure = store.needsTable || mine.some((opening) => !this.#known.has(openingKey(opening)));
			if (!unsure && !afterFailure) {
				script.push(...store.close(mine, point.table));
				continue;
			}
			const table = await readTable(this.#commands, point.table);
			if (table === undefined) {
				continue;
			}
			script.push(...store.close(without(mine, without(mine, store.read(table))), table));
		}
		return script;
	}

	/** A missing element or chain fails the whole transaction: `again` reads the table and builds a second one. */
	async #attempt(script: readonly string[], again: () => Promise<readonly string[]>): Promise<void> {
		if (script.length === 0) {
			return;
		}
		try {
			await this.#change(script);
		} catch {
			await this.#change(await again());
		}
	}

	#knowsPort(port: number): boolean {
		return [...this.#known.values()].some((opening) => opening.port === port);
	}

	#isFiltered({ family }: Opening): boolean {
		return this.#installations.some(({ point }) => point.families.includes(family));
	}

	async #removeOwned(table: NftTable): Promise<void> {
		const owned = ownedObjectsIn(table);
		if (!isEmpty(owned)) {
			await this.#nft(removeScript(tableOf({ table }), owned));
		}
	}

	async #removeElements(table: NftTable): Promise<void> {
		const strays = strayElementsIn(table);
		await this.#change(strays.filter(isRemovable).map((element) => deleteLine(tableOf({ table }), element)));
		const [merged] = strays.filter((element) => !isRemovable(element));
		if (merged === undefined) {
			return;
		}
		const line = deleteLine(tableOf({ table }), merged);
		throw new FirewallError(
			"tool-failed",
			`nft merged ports of the guard into a range that may hold others too, so it was not removed: nft '${line}' deletes it.`,
		);
	}

	async #change(script: readonly string[]): Promise<void> {
		if (script.length > 0) {
			await this.#nft(lines(this.#hasRanges ? withoutOtherSets(script) : script));
		}
	}

	/** The rule as nft prints it, rather than as JSON. A login waits for it only where the kernel is given no elements. */
	async #nft(script: string): Promise<void> {
		const prestart = this.#elementsBy === undefined;
		await this.#commands.run("nft", ["-f", "-"], { input: script, prestart });
	}
}

interface Held {
	readonly families: readonly Family[];
	readonly openings: readonly Opening[];
}

/** A port is open only when each table that drops its family has it. */
function inAll(held: readonly Held[]): Opening[] {
	return distinct(held.flatMap(({ openings }) => openings)).filter((opening) =>
		held.every(
			({ families, openings }) =>
				!families.includes(opening.family) || openings.some((other) => sameOpening(other, opening)),
		),
	);
}

/** Whether elements of the store take effect: the administrator's set is accepted, or our chain is reached. */
function isInForce({ point, adminSet }: Installation): boolean {
	return adminSet !== undefined || isIntact(point);
}

/** Beside the administrator's set no object of our own is needed, and what an earlier configuration left keeps ports open. */
function isIntended({ point, adminSet }: Installation): boolean {
	return adminSet === undefined ? isIntact(point) : isEmpty(ownedObjectsIn(point.table));
}

function repairScript({ point, adminSet }: Installation, counting: boolean): string {
	return adminSet === undefined
		? installScript(point, strayRulesIn(point.table), counting)
		: removeScript(tableOf(point), ownedObjectsIn(point.table));
}

/** A range may hold ports of the administrator's too. */
function isRemovable({ key }: StrayElement): boolean {
	return key.every((part) => typeof part === "number");
}

/** Elements that are deleted may be ours. */
function mayConcern(change: NftChange): boolean {
	return isStructural(change) || change.isDeletion;
}
