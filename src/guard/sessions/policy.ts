/** The policy: which genuine sessions may have their port open. Pure: the same candidates always get the same verdicts. */

import { BlockList } from "node:net";
import type { Opening } from "../../firewall/firewall.js";
import type { Family } from "../../system/addresses.js";
import { ANY_IPV4, ANY_IPV6, isLoopback } from "../../system/addresses.js";
import type { GuardedRange, UdpSocket } from "../kernel/udp-socket.js";
import type { Identity } from "./identity.js";
import type { Refusal } from "./refusals.js";

/** With names resolved to the ids that the kernel reports. */
export interface Policy {
	readonly ports: GuardedRange;
	/** An empty list allows every address. */
	readonly allowAddresses: readonly string[];
	readonly denyAddresses: readonly string[];
	/** Everybody is allowed if both allow lists are undefined; deny lists take precedence. */
	readonly allowUids: readonly number[] | undefined;
	readonly allowGids: readonly number[] | undefined;
	readonly denyUids: readonly number[];
	readonly denyGids: readonly number[];
	/** Denied by names whose numbers are not known: they may mean anybody but who is allowed by name. */
	readonly unknownDenials?: readonly string[];
	/** Ports open at once. */
	readonly perUser: number;
	readonly total: number;
	/** New ports per user in any 60 s. */
	readonly perMinute: number;
}

export interface AdmissionCandidate {
	readonly socket: UdpSocket;
	readonly holder: Identity;
	/** Milliseconds; when a limit is reached, older sessions keep their port. */
	readonly firstSeen: number;
	/** Has been admitted before, so it does not count for the rate. */
	readonly admitted: boolean;
	readonly closedByAdmin: boolean;
}

/** Undefined if the port may be open. */
export type Verdict = Refusal | undefined;

/** Sessions that have their port: in all, and by uid. */
export interface Admitted {
	readonly total: number;
	readonly of: ReadonlyMap<number, number>;
}

const NONE: Admitted = { total: 0, of: new Map() };

/**
 * @param recentOpens by uid, the number of sessions admitted in the last 60 s
 * @param beside others, which keep their port
 */
export function judge<C extends AdmissionCandidate>(
	candidates: readonly C[],
	policy: Policy,
	recentOpens: ReadonlyMap<number, number>,
	beside = NONE,
): Map<C, Verdict> {
	const addresses = addressRule(policy);
	const verdicts = new Map<C, Verdict>();
	const openOf = new Map<number, number>();
	const newOf = new Map<number, number>();
	let open = beside.total;
	for (const candidate of [...candidates].sort(bySeniority)) {
		const { uid } = candidate.holder;
		const mine = openOf.get(uid) ?? beside.of.get(uid) ?? 0;
		const recent = (recentOpens.get(uid) ?? 0) + (newOf.get(uid) ?? 0);
		const refusal =
			addresses(candidate.socket) ??
			judgeAlone(candidate, policy) ??
			limit(policy, mine, open, candidate.admitted ? undefined : recent);
		verdicts.set(candidate, refusal);
		if (refusal !== undefined) {
			continue;
		}
		openOf.set(uid, mine + 1);
		open++;
		if (!candidate.admitted) {
			newOf.set(uid, (newOf.get(uid) ?? 0) + 1);
		}
	}
	return verdicts;
}

/**
 * What must be open for a socket: nothing for loopback, which no firewall here filters. A socket on `::` receives IPv4 too
 * (mosh-server leaves IPV6_V6ONLY off) unless another socket is bound to that port in IPv4, for which nothing may be opened here.
 */
export function openingsOf(socket: Opening, all: readonly Opening[]): Opening[] {
	if (isLoopback(socket)) {
		return [];
	}
	const { family, address, port } = socket;
	if (address !== ANY_IPV6) {
		return ownOpening(socket);
	}
	const own: Opening = { family, address, port };
	return ipv4PortsOf(all).has(port) ? [own] : [own, { family: "ipv4", address: ANY_IPV4, port }];
}

/** Computed once per table, which may be long. */
const ipv4Ports = new WeakMap<readonly Opening[], ReadonlySet<number>>();

function ipv4PortsOf(all: readonly Opening[]): ReadonlySet<number> {
	let ports = ipv4Ports.get(all);
	if (ports === undefined) {
		ports = new Set(all.flatMap(({ family, port }) => (family === "ipv4" ? [port] : [])));
		ipv4Ports.set(all, ports);
	}
	return ports;
}

/** The same object for the same socket: every step compares all of them. */
const ownOpenings = new WeakMap<Opening, Opening[]>();

function ownOpening(socket: Opening): Opening[] {
	let own = ownOpenings.get(socket);
	if (own === undefined) {
		const { family, address, port } = socket;
		own = [{ family, address, port }];
		ownOpenings.set(socket, own);
	}
	return own;
}

function judgeAlone({ socket, holder, closedByAdmin }: AdmissionCandidate, policy: Policy): Verdict {
	const { ports, allowUids, allowGids, denyUids, denyGids, unknownDenials = [] } = policy;
	if (socket.port < ports.first || socket.port > ports.last) {
		return { code: "port-not-allowed", detail: `${ports.first}–${ports.last}` };
	}
	const { uid, groups } = holder;
	const denied = denyUids.includes(uid) || denyGids.some((gid) => groups.includes(gid));
	const everybody = allowUids === undefined && allowGids === undefined;
	const named =
		(allowUids?.includes(uid) ?? false) || (allowGids?.some((gid) => groups.includes(gid)) ?? false);
	if (denied || !(everybody || named)) {
		return { code: "user-not-allowed", detail: `uid ${uid}` };
	}
	if (unknownDenials.length > 0 && !allowUids?.includes(uid)) {
		return { code: "denial-unknown", detail: unknownDenials.join(", ") };
	}
	return closedByAdmin ? { code: "closed-by-admin" } : undefined;
}

/** `recent` is undefined for sessions admitted before: the rate limits new ones. */
function limit(policy: Policy, mine: number, open: number, recent: number | undefined): Verdict {
	if (mine >= policy.perUser) {
		return { code: "user-limit", detail: `${policy.perUser} ports` };
	}
	if (open >= policy.total) {
		return { code: "total-limit", detail: `${policy.total} ports` };
	}
	if (recent === undefined || recent < policy.perMinute) {
		return undefined;
	}
	return { code: "rate-limit", detail: `${policy.perMinute} a minute` };
}

function bySeniority(a: AdmissionCandidate, b: AdmissionCandidate): number {
	if (a.admitted !== b.admitted) {
		return a.admitted ? -1 : 1;
	}
	return a.firstSeen - b.firstSeen || a.socket.inode - b.socket.inode;
}

function addressRule({ allowAddresses, denyAddresses }: Policy): (socket: UdpSocket) => Verdict {
	const allowed = membership(allowAddresses);
	const denied = membership(denyAddresses);
	const deniesIpv4 = denyAddresses.some((text) => !text.includes(":"));
	return ({ family, address }) => {
		// An opening for every address would open the denied ones, too.
		const wildcard =
			(address === ANY_IPV4 && deniesIpv4) || (address === ANY_IPV6 && denyAddresses.length > 0);
		// A socket on `::` receives IPv4 too, so every address of both families must be listed.
		const everywhere = address !== ANY_IPV6 || allowed("ipv4", ANY_IPV4);
		const listed = allowAddresses.length === 0 || (allowed(family, address) && everywhere);
		return wildcard || denied(family, address) || !listed
			? { code: "address-not-allowed", detail: address }
			: undefined;
	};
}

/** Whether an address is in one of the subnets. One list per family: a BlockList treats IPv4 as part of `::/0`. */
function membership(subnets: readonly string[]): (family: Family, address: string) => boolean {
	// The usual case, and evaluated for every session at every step.
	if (subnets.length === 0) {
		return () => false;
	}
	const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
	for (const subnet of subnets) {
		const [address = "", bits] = subnet.split("/");
		const family: Family = address.includes(":") ? "ipv6" : "ipv4";
		lists[family].addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
	}
	return (family, address) => lists[family].check(address, family);
}
