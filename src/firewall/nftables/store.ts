/**
 * Maps openings to elements of a set: of our own sets, which hold the address too, or of a set that the administrator
 * declared, which holds ports only. Pure.
 */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, wildcardOf } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";
import { openingKey, TAG } from "../opening.js";
import type { InsertionPoint } from "./insertion-point.js";
import { ownElement, ownSetsFor } from "./owned-objects.js";
import type { NftElement, NftTable } from "./ruleset.js";
import { addLine, deleteLine, tableOf } from "./script.js";

/**
 * Lifetime of an element: when the guard dies, the kernel closes its ports after this time. Each renewal costs an `nft` and
 * one event per port in its monitor, so the lease covers three and a half of the guard's sweeps.
 */
export const LEASE_S = 210;

/** Elements with less than this left are renewed by `repair()` and `renew()`, one of which must run at least this often. */
export const RENEW_BELOW_S = 100;

/** nft keeps at most 128 bytes of comment with an element. */
const MAX_COMMENT = 127;

export interface Store {
	/** The openings that the elements in `table` represent. */
	read(table: NftTable): Opening[];
	/** Script lines; they delete an element only where `table` shows that it must be replaced. */
	open(openings: readonly Opening[], table: NftTable | undefined): string[];
	/** Script lines that delete what `table` holds of `openings`. */
	close(openings: readonly Opening[], table: NftTable): string[];
	/** Script lines that renew the lease of every element, if one of them is about to expire or has the wrong lifetime. */
	renew(table: NftTable): string[];
	/** How often each opening was looked up with success, by key, as far as its set counts. */
	counted(table: NftTable): Map<string, number>;
	/** Whether `open` needs a listing of the table, because several addresses share one element. */
	readonly needsTable: boolean;
}

/** Flags of a set that cannot hold our elements: nft may merge adjacent ports of an interval set and lose their comments. */
const UNUSABLE_FLAGS = ["interval", "constant"];

/** `name` when it is a set of ports that a rule of the table accepts, as in `udp dport @mosh_ports accept`. */
export function adminSet(point: InsertionPoint, name: string | undefined): string | undefined {
	const set = name === undefined ? undefined : point.table.sets.get(name);
	if (set === undefined || set.type.join() !== "inet_service") {
		return undefined;
	}
	if (set.flags.some((flag) => UNUSABLE_FLAGS.includes(flag))) {
		return undefined;
	}
	const isAccepted = [...point.table.chains.values()].some(({ rules }) =>
		rules.some((rule) => JSON.stringify(rule.statements).includes(`"@${name}"`) && accepts(rule.statements)),
	);
	return isAccepted ? name : undefined;
}

function accepts(statements: readonly object[]): boolean {
	return statements.some((statement) => "accept" in statement);
}

/** Openings in our own sets. */
export class OwnStore implements Store {
	readonly needsTable = false;

	private readonly point: InsertionPoint;
	private readonly lifetimeS: number | undefined;

	/** `lifetimeS`: of an element that is not renewed; undefined for elements that do not expire. */
	constructor(point: InsertionPoint, lifetimeS: number | undefined) {
		this.point = point;
		this.lifetimeS = lifetimeS;
	}

	read(table: NftTable): Opening[] {
		return ownSetsFor(this.point.families).flatMap(({ name }) =>
			(table.sets.get(name)?.elements ?? []).flatMap(
				(element) => readOwn(element, this.point.families) ?? [],
			),
		);
	}

	counted(table: NftTable): Map<string, number> {
		return new Map(
			ownSetsFor(this.point.families).flatMap(({ name }) =>
				(table.sets.get(name)?.elements ?? []).flatMap((element) => {
					const opening = readOwn(element, this.point.families);
					return opening === undefined || element.packets === undefined
						? []
						: [[openingKey(opening), element.packets] as const];
				}),
			),
		);
	}

	open(openings: readonly Opening[]): string[] {
		return openings.map((opening) =>
			addLine(tableOf(this.point), {
				...ownElement(opening, this.point.families),
				comment: TAG,
				timeoutS: this.lifetimeS,
			}),
		);
	}

	close(openings: readonly Opening[]): string[] {
		return openings.map((opening) =>
			deleteLine(tableOf(this.point), ownElement(opening, this.point.families)),
		);
	}

	renew(table: NftTable): string[] {
		const elements = ownSetsFor(this.point.families).flatMap(({ name }) =>
			(table.sets.get(name)?.elements ?? []).map((element) => ({ set: name, ...element })),
		);
		if (!elements.some((element) => isDue(element, this.lifetimeS))) {
			return [];
		}
		return elements.flatMap(({ set, key }) => [
			deleteLine(tableOf(this.point), { set, key }),
			addLine(tableOf(this.point), { set, key, comment: TAG, timeoutS: this.lifetimeS }),
		]);
	}
}

export function readOwn({ key, comment }: NftElement, families: readonly Family[]): Opening | undefined {
	const [only] = families;
	const [first, port] = key.length === 1 && families.length === 1 ? [only, key[0]] : key;
	if (comment !== TAG || typeof first !== "string" || typeof port !== "number") {
		return undefined;
	}
	if (first === "ipv4" || first === "ipv6") {
		return { family: first, address: wildcardOf(first), port };
	}
	const family: Family = first.includes(":") ? "ipv6" : "ipv4";
	return { family, address: first, port };
}

/** A persistent element must not expire and a leased one must; whoever manages the element now decides which it is. */
export function isDue({ expires }: NftElement, lifetimeS: number | undefined): boolean {
	return lifetimeS === undefined ? expires !== undefined : (expires ?? 0) < RENEW_BELOW_S;
}

/** Ports in the administrator's set: the comment of an element marks it as managed and records its addresses. */
export class AdminStore implements Store {
	readonly needsTable = true;

	private readonly point: Pick<InsertionPoint, "table">;
	private readonly set: string;
	private readonly lifetimeS: number | undefined;

	constructor(point: Pick<InsertionPoint, "table">, set: string, lifetimeS: number | undefined) {
		this.point = point;
		this.set = set;
		this.lifetimeS = lifetimeS;
	}

	/** It is the administrator's: whether it counts is not ours to decide. */
	counted(): Map<string, number> {
		return new Map();
	}

	read(table: NftTable): Opening[] {
		return [...this.#addressesByPort(table)].flatMap(([port, addresses]) =>
			addresses.flatMap((address) => openingOf(address, port) ?? []),
		);
	}

	open(openings: readonly Opening[], table: NftTable | undefined): string[] {
		const before = this.#addressesByPort(table);
		const after = new Map(before);
		for (const { port, address } of openings) {
			after.set(port, [...new Set([...(after.get(port) ?? []), address])]);
		}
		return this.#change(before, after);
	}

	close(openings: readonly Opening[], table: NftTable): string[] {
		const before = this.#addressesByPort(table);
		const after = new Map(before);
		for (const { port, address } of openings) {
			after.set(
				port,
				(after.get(port) ?? []).filter((other) => other !== address),
			);
		}
		return this.#change(before, after);
	}

	renew(table: NftTable): string[] {
		const ours = this.#elements(table).filter(({ comment }) => addressesIn(comment) !== undefined);
		const lifetimeS = this.#lifetimeS;
		if (!ours.some((element) => isDue(element, lifetimeS))) {
			return [];
		}
		return ours.flatMap(({ key, comment = TAG }) => [
			deleteLine(tableOf(this.point), { set: this.set, key }),
			this.#add(key, comment),
		]);
	}

	#elements(table: NftTable | undefined): readonly NftElement[] {
		return table?.sets.get(this.set)?.elements ?? [];
	}

	/** Only elements with our tag: a port that the administrator added is left alone. */
	#addressesByPort(table: NftTable | undefined): Map<number, string[]> {
		const entries = this.#elements(table).flatMap(({ key: [port], comment }) => {
			const addresses = addressesIn(comment);
			return addresses === undefined || typeof port !== "number" ? [] : [[port, addresses] as const];
		});
		return new Map(entries);
	}

	#change(before: ReadonlyMap<number, string[]>, after: ReadonlyMap<number, string[]>): string[] {
		return [...after].flatMap(([port, addresses]) => {
			const old = before.get(port);
			if (old?.join() === addresses.join()) {
				return [];
			}
			const removal =
				old === undefined ? [] : [deleteLine(tableOf(this.point), { set: this.set, key: [port] })];
			return addresses.length === 0 ? removal : [...removal, this.#add([port], commentFor(addresses))];
		});
	}

	#add(key: readonly (string | number)[], comment: string): string {
		return addLine(tableOf(this.point), { set: this.set, key, comment, timeoutS: this.#lifetimeS });
	}

	/** Elements can expire only in a set that the administrator declared with `flags timeout`. */
	get #lifetimeS(): number | undefined {
		const canExpire = this.point.table.sets.get(this.set)?.flags.includes("timeout");
		return canExpire ? this.lifetimeS : undefined;
	}
}

function addressesIn(comment: string | undefined): string[] | undefined {
	const [tag, list = ""] = comment?.split(" ") ?? [];
	return tag === TAG ? list.split(",").filter((address) => address !== "") : undefined;
}

/** Addresses that do not fit are left out: the port is open for them too, but is listed only for those that fit. */
function commentFor(addresses: readonly string[]): string {
	let comment = `${TAG} ${addresses[0]}`;
	for (const address of addresses.slice(1)) {
		if (comment.length + 1 + address.length <= MAX_COMMENT) {
			comment += `,${address}`;
		}
	}
	return comment;
}

function openingOf(address: string, port: number): Opening | undefined {
	const family: Family = address.includes(":") ? "ipv6" : "ipv4";
	return canonicalAddress(family, address) === address ? { family, address, port } : undefined;
}
