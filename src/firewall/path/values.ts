/** What is known of a datagram's fields, compared with what rules ask for. Pure. */

import { isIPv6, SocketAddress } from "node:net";
import type { Family } from "../../system/addresses.js";
import { ANY_ADDRESS, type Packet, type Ports, type Remote } from "./packet.js";
import type { Stranger } from "./stranger.js";
import type { Truth } from "./truth.js";

/** A set of addresses by its first bits. */
export interface Prefix {
	readonly family: Family;
	readonly bits: bigint;
	readonly length: number;
}

const WIDTH: Record<Family, number> = { ipv4: 32, ipv6: 128 };

/** `10.0.0.0/8`, `10.0.0.1`, `10.0.0.0/255.0.0.0`, `fe80::/10`; undefined for anything else. */
export function prefixOf(text: string): Prefix | undefined {
	const [address = "", mask] = text.split("/");
	const family = isIPv6(address) ? "ipv6" : "ipv4";
	const bits = bitsOf(address);
	if (bits === undefined) {
		return undefined;
	}
	const length = mask === undefined ? WIDTH[family] : maskLength(mask);
	return length === undefined || length > WIDTH[family] ? undefined : { family, bits, length };
}

/** The address as a number; undefined when it is none. */
export function bitsOf(address: string): bigint | undefined {
	if (!isIPv6(address)) {
		const parts = address.split(".");
		if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
			return undefined;
		}
		return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
	}
	const plain = new SocketAddress({ family: "ipv6", address }).address;
	const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
	const tail = dotted && bitsOf(dotted[2] ?? "");
	const text =
		dotted && tail !== null && tail !== undefined
			? `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
			: plain;
	const [head = "", rest] = text.split("::");
	const left = head === "" ? [] : head.split(":");
	const right = rest === undefined || rest === "" ? [] : rest.split(":");
	const zeros = rest === undefined ? [] : Array(8 - left.length - right.length).fill("0");
	return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function maskLength(mask: string): number | undefined {
	if (/^\d{1,3}$/.test(mask)) {
		return Number(mask);
	}
	const bits = bitsOf(mask);
	if (bits === undefined) {
		return undefined;
	}
	const width = isIPv6(mask) ? 128 : 32;
	const ones = bits.toString(2).padStart(width, "0");
	return /^1*0*$/.test(ones) ? ones.replaceAll("0", "").length : undefined;
}

export function inPrefix(address: string, prefix: Prefix): boolean {
	if ((isIPv6(address) ? "ipv6" : "ipv4") !== prefix.family) {
		return false;
	}
	const rest = BigInt(WIDTH[prefix.family] - prefix.length);
	return (bitsOf(address) ?? 0n) >> rest === prefix.bits >> rest;
}

/** An address as a condition sees it: known, or one that no rule names. */
export function addressIn(address: Remote, prefix: Prefix): Truth {
	if (address === ANY_ADDRESS) {
		return prefix.length === 0 ? true : "specific";
	}
	if (typeof address === "string") {
		return inPrefix(address, prefix);
	}
	// Every address is in the prefix of all of them; one that nobody names is in no other.
	if (prefix.length > 0) {
		outside(address, prefix);
	}
	return prefix.length === 0;
}

function outside(stranger: Stranger | undefined, { family, bits, length }: Prefix): void {
	if (stranger?.family === family) {
		const rest = BigInt(WIDTH[family] - length);
		const first = (bits >> rest) << rest;
		stranger.isNotBetween(first, first + (1n << rest) - 1n);
	}
}

export function addressBetween(address: Remote, first: string, last: string): Truth {
	const [low, high] = [bitsOf(first), bitsOf(last)];
	if (low === undefined || high === undefined || address === ANY_ADDRESS) {
		return "specific";
	}
	if (typeof address !== "string") {
		const isAll = low === 0n && high === (1n << BigInt(isIPv6(first) ? 128 : 32)) - 1n;
		if (!isAll && address?.family === (isIPv6(first) ? "ipv6" : "ipv4")) {
			address.isNotBetween(low, high);
		}
		return isAll;
	}
	if (isIPv6(address) !== isIPv6(first)) {
		return false;
	}
	const bits = bitsOf(address) ?? 0n;
	return low <= bits && bits <= high;
}

/** Whether a port, one of `ports`, lies between `first` and `last`; `specific` where it depends on which. */
export function portsBetween(ports: Ports, first: number, last: number): Truth {
	if (ports.last < first || last < ports.first) {
		return false;
	}
	return first <= ports.first && ports.last <= last ? true : "specific";
}

/** Of a datagram that goes to, or comes from, this host. */
export interface Ends {
	readonly source: Remote;
	readonly destination: Remote;
	readonly sourcePorts: Ports;
	readonly destinationPorts: Ports;
}

export function endsOf({ direction, local, localPorts, remote, remotePorts }: Packet): Ends {
	return direction === "in"
		? { source: remote, destination: local, sourcePorts: remotePorts, destinationPorts: localPorts }
		: { source: local, destination: remote, sourcePorts: localPorts, destinationPorts: remotePorts };
}

/** `eth0`, `eth*` (nft) or `eth+` (iptables): an interface by its name or the start of it. */
export function nameMatches(pattern: string, name: string): boolean {
	return /[*+]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
