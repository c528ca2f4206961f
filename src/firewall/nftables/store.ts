/**
 * How openings are kept as elements of a set: in sets of our own, which carry the address, or in the one an admin
 * declared for us, which holds bare ports. Pure.
 */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, wildcardOf } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";
import { TAG } from "../opening.js";
import { OWN_SETS, ownElement, ownSetsFor } from "./own.js";
import type { Site } from "./place.js";
import type { NftElement, NftTable } from "./ruleset.js";
import { addLine, deleteLine, tableOf } from "./script.js";

/**
 * If the guard dies, the kernel closes its ports after this long: a dead man's switch. Each arming costs `nft` and its monitor
 * an event per port, so it lasts for three of the guard's sweeps and a half.
 */
export const LEASE_S = 210;

/** An element with less than this left is armed anew by `ensure()`, which must run at least this often. */
export const REARM_BELOW_S = 100;

/** nft keeps at most 128 bytes of comment with an element. */
const MAX_COMMENT = 127;

export interface Store {
	/** The openings the elements in `table` stand for. */
	read(table: NftTable): Opening[];
	/** Script lines; none of them deletes unless `table` shows that an element must be replaced. */
	open(openings: readonly Opening[], table: NftTable | undefined): string[];
	/** Script lines for what `table` shows to be there. */
	close(openings: readonly Opening[], table: NftTable): string[];
	/** Script lines that give every element its full time again, if any has too little left, or not the time it should have. */
	rearm(table: NftTable): string[];
	/** Whether `open` must see the table first: two addresses may share one element. */
	readonly mustLook: boolean;
}

/** The admin's `udp dport @mosh_ports accept` in a chain of the table, if he wrote one. */
export function adminSet(site: Site, name: string): string | undefined {
	const set = site.table.sets.get(name);
	if (set === undefined || set.type.join() !== "inet_service") return undefined;
	const uses = [...site.table.chains.values()].some(({ rules }) =>
		rules.some((rule) => JSON.stringify(rule.statements).includes(`"@${name}"`) && accepts(rule.statements)),
	);
	return uses ? name : undefined;
}

function accepts(statements: readonly object[]): boolean {
	return statements.some((statement) => "accept" in statement);
}

export class OwnStore implements Store {
	readonly mustLook = false;

	/** `lifetimeS`: of an element that nobody arms anew; undefined where elements must last. */
	constructor(
		private readonly site: Site,
		private readonly lifetimeS: number | undefined,
	) {}

	read(table: NftTable): Opening[] {
		return ownSetsFor(this.site.families).flatMap(({ name }) =>
			(table.sets.get(name)?.elements ?? []).flatMap((element) => readOwn(element) ?? []),
		);
	}

	open(openings: readonly Opening[]): string[] {
		return openings.map((opening) =>
			addLine(tableOf(this.site), {
				...ownElement(opening),
				comment: TAG,
				timeoutS: this.lifetimeS,
			}),
		);
	}

	close(openings: readonly Opening[]): string[] {
		return openings.map((opening) => deleteLine(tableOf(this.site), ownElement(opening)));
	}

	rearm(table: NftTable): string[] {
		const elements = ownSetsFor(this.site.families).flatMap(({ name }) =>
			(table.sets.get(name)?.elements ?? []).map((element) => ({ set: name, ...element })),
		);
		if (!elements.some((element) => needsTime(element, this.lifetimeS))) return [];
		return elements.flatMap(({ set, key }) => [
			deleteLine(tableOf(this.site), { set, key }),
			addLine(tableOf(this.site), { set, key, comment: TAG, timeoutS: this.lifetimeS }),
		]);
	}
}

function readOwn({ key, comment }: NftElement): Opening | undefined {
	const [first, port] = key;
	if (comment !== TAG || typeof first !== "string" || typeof port !== "number") return undefined;
	if (first === "ipv4" || first === "ipv6") return { family: first, address: wildcardOf(first), port };
	const family: Family = first.includes(":") ? "ipv6" : "ipv4";
	return { family, address: first, port };
}

/** What a guard leased and what must last are not timed alike: the one who holds it now decides. */
function needsTime({ expires }: NftElement, lifetimeS: number | undefined): boolean {
	return lifetimeS === undefined ? expires !== undefined : (expires ?? 0) < REARM_BELOW_S;
}

/** Ports only: a comment on each element tells it from the admin's own and remembers for which addresses it is. */
export class AdminStore implements Store {
	readonly mustLook = true;

	constructor(
		private readonly site: Pick<Site, "table">,
		private readonly set: string,
		private readonly lifetimeS: number | undefined,
	) {}

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

	rearm(table: NftTable): string[] {
		const ours = this.#elements(table).filter(({ comment }) => addressesIn(comment) !== undefined);
		const lifetimeS = this.#lifetimeS;
		if (!ours.some((element) => needsTime(element, lifetimeS))) return [];
		return ours.flatMap(({ key, comment = TAG }) => [
			deleteLine(tableOf(this.site), { set: this.set, key }),
			this.#add(key, comment),
		]);
	}

	#elements(table: NftTable | undefined): readonly NftElement[] {
		return table?.sets.get(this.set)?.elements ?? [];
	}

	/** Only elements with our tag: a port the admin put there himself stays his. */
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
			if (old?.join() === addresses.join()) return [];
			const removal =
				old === undefined ? [] : [deleteLine(tableOf(this.site), { set: this.set, key: [port] })];
			return addresses.length === 0 ? removal : [...removal, this.#add([port], commentFor(addresses))];
		});
	}

	#add(key: readonly (string | number)[], comment: string): string {
		return addLine(tableOf(this.site), { set: this.set, key, comment, timeoutS: this.#lifetimeS });
	}

	/** The admin decides whether elements of his set can expire. */
	get #lifetimeS(): number | undefined {
		const canExpire = this.site.table.sets.get(this.set)?.flags.includes("timeout");
		return canExpire ? this.lifetimeS : undefined;
	}
}

function addressesIn(comment: string | undefined): string[] | undefined {
	const [tag, list = ""] = comment?.split(" ") ?? [];
	return tag === TAG ? list.split(",").filter((address) => address !== "") : undefined;
}

/** What does not fit is left out: the port is open all the same, and is listed for the addresses that fit. */
function commentFor(addresses: readonly string[]): string {
	let comment = `${TAG} ${addresses[0]}`;
	for (const address of addresses.slice(1)) {
		if (comment.length + 1 + address.length <= MAX_COMMENT) comment += `,${address}`;
	}
	return comment;
}

function openingOf(address: string, port: number): Opening | undefined {
	const family: Family = address.includes(":") ? "ipv6" : "ipv4";
	return canonicalAddress(family, address) === address ? { family, address, port } : undefined;
}

/** Names of every set that can be ours, for teardown. */
export const OWN_SET_NAMES: readonly string[] = OWN_SETS.map(({ name }) => name);
