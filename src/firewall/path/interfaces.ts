/** By which interfaces a local address is reached, and under which address: from the host's addresses and default routes. */

import { readFile } from "node:fs/promises";
import { isLoopback, isWildcard, type LocalAddress } from "../../system/addresses.js";
import { type Commands, printed } from "../../system/commands.js";
import { type InterfaceAddress, interfaceAddresses } from "../../system/interfaces.js";
import { ANY_BRIDGE } from "./nft-rules.js";
import { rulesIn } from "./routing-rules.js";
import { type Doubt, doubtsOfFilters, doubtsOfLinks } from "./traffic-control.js";
import { addressIn, prefixOf } from "./values.js";

/** Where a datagram to a socket comes in, and the address that it is sent to. */
export interface Way extends LocalAddress {
	readonly interface: string;
	/** What the interface is made of: ports of a bridge, the interface that a VLAN is on. A datagram comes in by one of them first. */
	readonly below?: readonly string[];
	/** The address stands on another interface. */
	readonly elsewhere?: true;
	/** As of a packet. */
	readonly back?: string;
}

/** What the host has. */
export interface Network {
	readonly addresses: readonly InterfaceAddress[];
	/** Interfaces with a default route, of each family. */
	readonly defaults: Readonly<Record<"ipv4" | "ipv6", readonly string[]>>;
	readonly links?: readonly Link[];
	/** Rules of routing, of each family. */
	readonly rules?: Readonly<Record<"ipv4" | "ipv6", readonly string[]>>;
	/** What may drop where no rules are. */
	readonly doubts?: readonly Doubt[];
	/** Interfaces have tables of routes of their own: which one is asked for an answer cannot be told. */
	readonly hasVrfs?: boolean;
}

export interface Link {
	readonly name: string;
	/** Nothing comes in by it: it only holds addresses. */
	readonly passive: boolean;
	/** What it is made of; of a bridge also the place of chains of that family. */
	readonly below: readonly string[];
}

/** Never rejects. */
export async function readNetwork(commands: Commands): Promise<Network> {
	const routes = (file: string) => readFile(`/proc/self/net/${file}`, "utf8").catch(() => "");
	const print = (...args: string[]) => printed(commands, "ip", ...args);
	const rules = print("-4", "rule", "show");
	const [addresses, ipv4, ipv6, others, links, filters, rules6] = await Promise.all([
		interfaceAddresses(commands),
		routes("route"),
		// The file for IPv6 has the routes of every table.
		routes("ipv6_route"),
		rules.then((text) =>
			Promise.all(
				tablesOf(text).map((table) => print("-4", "-oneline", "route", "show", "table", table, "default")),
			),
		),
		print("-oneline", "link", "show"),
		doubtsOfFilters(commands),
		print("-6", "rule", "show"),
	]);
	const defaults = new Set([...defaultsOf(ipv4), ...others.flatMap(devicesOf)]);
	return {
		addresses,
		defaults: { ipv4: [...defaults], ipv6: defaults6Of(ipv6) },
		links: linksOf(links),
		doubts: [...doubtsOfLinks(links), ...filters],
		rules: { ipv4: rulesIn(await rules), ipv6: rulesIn(rules6) },
		hasVrfs: (await rules).includes("[l3mdev"),
	};
}

/** Tables that each host has; the first holds no default route, /proc/net/route shows the second, and the third is empty. */
const USUAL_TABLES: ReadonlySet<string> = new Set(["local", "main", "default"]);

/** More than these (or those of VRFs, which rules do not name) are asked for together. */
const MAX_TABLES = 8;

/** Of `ip rule show`: the further tables in which a route is looked for; `all` where they cannot be told. Pure. */
export function tablesOf(rules: string): string[] {
	const tables = [...rules.matchAll(/ lookup (\S+)/g)].map(([, table = ""]) => table);
	const others = [...new Set(tables)].filter((table) => !USUAL_TABLES.has(table));
	return others.length > MAX_TABLES || others.some((table) => table.startsWith("[l3mdev")) ? ["all"] : others;
}

/** Of `ip -oneline route show`; a route by several interfaces is one line too. Pure. */
export function devicesOf(routes: string): string[] {
	return [...routes.matchAll(/ dev (\S+)/g)].map(([, name = ""]) => name);
}

/** Of `ip -oneline link show`. Pure. */
export function linksOf(listing: string): Link[] {
	const read = listing.split("\n").flatMap((line) => {
		const [, name, on, flags = "", rest = ""] = /^\d+: ([^:@\s]+)(?:@(\S+))?: <(\S*)>(.*)/.exec(line) ?? [];
		const master = / master (\S+)/.exec(rest)?.[1];
		return name === undefined ? [] : [{ name, on, master, flags: new Set(flags.split(",")) }];
	});
	const onOf = new Map(read.map(({ name, on }) => [name, on]));
	return read.map(({ name, on, flags }) => {
		// Each end of a veth pair is shown on the other.
		const isOn = on !== undefined && onOf.has(on) && onOf.get(on) !== name;
		const ports = read.filter(({ master }) => master === name).map((port) => port.name);
		// Other interfaces with ports, bonds and VRFs, are shown as their masters.
		const isBridge = ports.length > 0 && !flags.has("MASTER");
		return {
			name,
			passive: isPassive(flags),
			below: [...ports, ...(isOn ? [on] : []), ...(isBridge ? [ANY_BRIDGE] : [])],
		};
	});
}

/**
 * Such as a dummy interface. Those with a peer, or with ports, may be without ARP too, and what comes in by these is handed to them.
 */
function isPassive(flags: ReadonlySet<string>): boolean {
	return flags.has("NOARP") && flags.has("BROADCAST") && !flags.has("POINTOPOINT") && !flags.has("MASTER");
}

/** Whether a datagram to the address ends at this host, as far as its interfaces show. Pure. */
export function isHere(local: LocalAddress, { addresses }: Network): boolean {
	return (
		isWildcard(local) ||
		isLoopback(local) ||
		addresses.some(({ family, address }) => family === local.family && address === local.address)
	);
}

/** What an interface is made of, and what that is made of. Pure. */
function below(name: string, links: readonly Link[]): string[] {
	const found = new Set<string>();
	const follow = (one: string) => {
		for (const next of links.find((link) => link.name === one)?.below ?? []) {
			if (!found.has(next)) {
				found.add(next);
				follow(next);
			}
		}
	};
	follow(name);
	return [...found];
}

/** Of /proc/net/route: interface, destination, gateway, flags, …, mask at the eighth place. Pure. */
export function defaultsOf(route: string): string[] {
	const rows = route
		.split("\n")
		.slice(1)
		.map((line) => line.split(/\s+/));
	return [
		...new Set(
			rows.flatMap(([name = "", to, , , , , , mask]) =>
				to === "00000000" && mask === "00000000" ? [name] : [],
			),
		),
	];
}

/** A route that only refuses what it matches (linux/ipv6_route.h, RTF_REJECT). */
const REJECTS = 0x0200;

/** Of /proc/net/ipv6_route: destination, its length, …, flags, interface. Pure. */
export function defaults6Of(route: string): string[] {
	const rows = route.split("\n").map((line) => line.trim().split(/\s+/));
	const names = rows.flatMap(([to = "x", length, , , , , , , flags = "", name = ""]) =>
		/^0+$/.test(to) && length === "00" && name !== "lo" && (Number.parseInt(flags, 16) & REJECTS) === 0
			? [name]
			: [],
	);
	return [...new Set(names)];
}

/**
 * Ways to a socket's address: by the interface that has it; to a wildcard, or to an address that stands on no interface by which
 * something comes in, by those with a default route, else by every one with a global address, else with any. Pure.
 */
export function waysTo(local: LocalAddress, network: Network): Way[] {
	const { links = [], addresses } = network;
	return waysBy(local, network).map((way) => {
		const isThere = addresses.some(
			(found) => found.interface === way.interface && found.address === way.address,
		);
		return { ...way, below: below(way.interface, links), ...(isThere ? {} : { elsewhere: true }) };
	});
}

function waysBy(local: LocalAddress, { addresses, defaults, links = [] }: Network): Way[] {
	const { family, address } = local;
	const ofFamily = addresses.filter((found) => found.family === family);
	const isReached = (name: string) =>
		name !== "lo" && !links.some((link) => link.name === name && link.passive);
	if (!isWildcard(local)) {
		const names = ofFamily.filter((found) => found.address === address).map((found) => found.interface);
		if (isLoopback(local)) {
			return [{ family, address, interface: names[0] ?? "lo" }];
		}
		const real = names.filter(isReached);
		if (real.length > 0) {
			return [...new Set([...real, ...neighbours(local, ofFamily).filter(isReached)])].map((name) => ({
				family,
				address,
				interface: name,
			}));
		}
	}
	const others = ofFamily.filter((found) => !isLoopback(found));
	const global = others.filter((found) => !/^fe[89ab]/i.test(found.address));
	const first = (list: readonly InterfaceAddress[]) =>
		new Map([...list].reverse().map((found) => [found.interface, found.address]));
	// An interface may have no address of its own, and bring datagrams to one that stands elsewhere.
	const elsewhere = global.find((found) => !isReached(found.interface))?.address;
	const own = first(global);
	const byDefault = defaults[family].flatMap((name): [string, string][] => {
		const at = own.get(name) ?? elsewhere;
		return at === undefined ? [] : [[name, at]];
	});
	const [chosen = []] = [byDefault, ...[global, others].map((list) => [...first(list)])]
		.map((list) => list.filter(([name]) => isReached(name)))
		.filter((list) => list.length > 0);
	if (!isWildcard(local)) {
		return chosen.map(([name]) => ({ family, address, interface: name }));
	}
	const all = global.length > 0 ? global : others;
	return chosen
		.flatMap(([name, at]) => {
			const more = all.filter((found) => found.interface === name).map((found) => found.address);
			return [...new Set([at, ...more])].map((one) => ({ family, address: one, interface: name }));
		})
		.slice(0, Math.max(chosen.length, MOST_ADDRESSES));
}

/** Of those that a socket for all of them has, as many are followed, and one of each interface: rules seldom name one. */
const MOST_ADDRESSES = 4;

/** Interfaces to the same network as the address: of IPv4, each answers for all addresses of the host (arp_ignore). */
function neighbours({ family, address }: LocalAddress, addresses: readonly InterfaceAddress[]): string[] {
	return addresses
		.filter(({ address: other, length = 32 }) => {
			const network = family === "ipv4" ? prefixOf(`${other}/${length}`) : undefined;
			return network !== undefined && addressIn(address, network) === true;
		})
		.map((found) => found.interface);
}
