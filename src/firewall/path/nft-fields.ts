/** What a datagram has in the fields that nftables can ask for (libnftables-json(5), EXPRESSIONS). Pure. */

import { and, type Bits, bits, or, UNKNOWN_BITS, UNKNOWN_MARKS, xor } from "./marks.js";
import { ANY_ADDRESS, isTracked, type Packet, type Ports, type Remote, wayBack } from "./packet.js";
import { endsOf } from "./values.js";

type Json = Readonly<Record<string, unknown>>;

/** Known, or why it is not. */
export type Field =
	| { readonly kind: "word"; readonly word: string | number | boolean }
	| { readonly kind: "address"; readonly address: Remote }
	| { readonly kind: "ports"; readonly ports: Ports }
	| { readonly kind: "interface"; readonly name: string }
	/** A mark. */
	| { readonly kind: "bits"; readonly bits: Bits }
	/** The rule asks for a header that the datagram has not: it does not match, whatever it compares. */
	| { readonly kind: "absent" }
	/** `specific`: it is the sender's or the receiver's; `general`: it tells nothing of either. */
	| { readonly kind: "unknown"; readonly condition: "general" | "specific" };

const GENERAL: Field = { kind: "unknown", condition: "general" };
const SPECIFIC: Field = { kind: "unknown", condition: "specific" };
const ABSENT: Field = { kind: "absent" };

export function fieldOf(left: unknown, packet: Packet): Field {
	if (typeof left !== "object" || left === null) {
		return GENERAL;
	}
	const [kind = ""] = Object.keys(left);
	const of = (left as Json)[kind];
	if (Array.isArray(of)) {
		return computed(kind, of, packet);
	}
	if (typeof of !== "object" || of === null) {
		return GENERAL;
	}
	const read = READERS[kind];
	return read === undefined ? GENERAL : read(of as Json, packet);
}

const READERS: Readonly<Record<string, (of: Json, packet: Packet) => Field>> = {
	payload: ({ protocol, field, base, offset, len }, packet) =>
		base === undefined ? payload(String(protocol), String(field), packet) : raw(base, offset, len, packet),
	meta: ({ key }, packet) => meta(String(key), packet),
	// Extension headers and options, which no datagram of a session has: asked for by itself, whether it is there.
	exthdr: option,
	"ip option": option,
	"tcp option": option,
	"sctp chunk": option,
	"dccp option": option,
	ct: ({ key, dir }, packet) =>
		dir === "original" ? ctOriginal(String(key), packet) : ct(String(key), packet),
	fib: ({ result, flags }, packet) => fib(String(result), new Set([flags].flat()), packet),
};

function option({ field }: Json): Field {
	return field === undefined ? word(false) : ABSENT;
}

/** `ip saddr & 255.255.255.0`, `meta mark | 1`: of the fields it is made from, nothing is known but whether they are there. */
function computed(operator: string, operands: readonly unknown[], packet: Packet): Field {
	const fields = operands.map((operand) => fieldOf(operand, packet));
	if (fields.some(({ kind }) => kind === "absent")) {
		return ABSENT;
	}
	if (fields.some(({ kind }) => kind === "bits")) {
		const combine = OPERATORS[operator] ?? (() => UNKNOWN_BITS);
		return {
			kind: "bits",
			bits: operands.map((operand) => bitsOf(operand, packet)).reduce((a, b) => combine(a, b)),
		};
	}
	const [field, mask] = [fields[0], operands[1]];
	if (operator === "&" && field?.kind === "ports" && field.ports.first === field.ports.last) {
		const port = field.ports.first & Number(mask);
		return { kind: "ports", ports: { first: port, last: port } };
	}
	if (operator === "&" && isFragmentField(operands[0]) && (Number(mask) & ~FRAGMENTED) === 0) {
		return word(0);
	}
	const specific = fields.some(
		(part) => part.kind !== "word" && (part.kind !== "unknown" || part.condition === "specific"),
	);
	return specific ? SPECIFIC : GENERAL;
}

const OPERATORS: Readonly<Record<string, (a: Bits, b: Bits) => Bits>> = { "&": and, "|": or, "^": xor };

/** Of what a mark is compared with, or set to. */
export function bitsOf(expression: unknown, packet: Packet): Bits {
	if (typeof expression === "number") {
		return bits(expression);
	}
	const field = fieldOf(expression, packet);
	return field.kind === "bits" ? field.bits : UNKNOWN_BITS;
}

/** More follow, and where in the whole it belongs: datagrams of a session are whole (RFC 791, 3.1). */
const FRAGMENTED = 0x3fff;

function isFragmentField(operand: unknown): boolean {
	const { payload } = (operand ?? {}) as { payload?: { protocol?: unknown; field?: unknown } };
	return payload?.protocol === "ip" && payload.field === "frag-off";
}

function word(value: string | number | boolean): Field {
	return { kind: "word", word: value };
}

function payload(protocol: string, field: string, packet: Packet): Field {
	const { source, destination, sourcePorts, destinationPorts } = endsOf(packet);
	switch (protocol) {
		case "udp":
		case "th":
			if (field === "dport") {
				return { kind: "ports", ports: destinationPorts };
			}
			if (field === "sport") {
				return { kind: "ports", ports: sourcePorts };
			}
			return GENERAL;
		case "ip":
		case "ip6": {
			if ((protocol === "ip") !== (packet.family === "ipv4")) {
				return ABSENT;
			}
			if (field === "saddr") {
				return { kind: "address", address: source };
			}
			if (field === "daddr") {
				return { kind: "address", address: destination };
			}
			if (field === "protocol" || field === "nexthdr") {
				return word("udp");
			}
			if (field === "version") {
				return word(packet.family === "ipv4" ? 4 : 6);
			}
			return GENERAL;
		}
		case "ether":
			// An answer gets its header behind the rules.
			return field === "type" && packet.direction === "in"
				? word(packet.family === "ipv4" ? "ip" : "ip6")
				: SPECIFIC;
		case "vlan":
			return SPECIFIC;
		case "arp":
		case "icmp":
		case "icmpv6":
		case "igmp":
		case "tcp":
		case "udplite":
		case "sctp":
		case "dccp":
		case "ah":
		case "esp":
		case "comp":
			return ABSENT;
		default:
			return GENERAL;
	}
}

/** Offsets and lengths in bits: the ports are the first two words of the transport header. */
function raw(base: unknown, offset: unknown, length: unknown, packet: Packet): Field {
	if (base !== "th" || length !== 16) {
		return GENERAL;
	}
	if (offset === 16) {
		return payload("th", "dport", packet);
	}
	return offset === 0 ? payload("th", "sport", packet) : GENERAL;
}

function meta(
	key: string,
	{ family, direction, interface: name, remote, marks = UNKNOWN_MARKS }: Packet,
): Field {
	const incoming = direction === "in";
	switch (key) {
		case "l4proto":
			return word("udp");
		case "nfproto":
			return word(family);
		case "protocol":
			return word(family === "ipv4" ? "ip" : "ip6");
		case "iif":
		case "iifname":
			return { kind: "interface", name: incoming ? name : "" };
		case "oif":
		case "oifname":
			return { kind: "interface", name: incoming ? "" : name };
		case "mark":
			return { kind: "bits", bits: marks.packet };
		// IPsec has policies for addresses that an administrator names.
		case "ipsec":
		case "secpath":
			return typeof remote !== "string" || remote === ANY_ADDRESS ? word(false) : SPECIFIC;
		// Of the process that sends it: what comes in has none yet.
		case "skuid":
		case "skgid":
		case "cgroup":
			return incoming ? ABSENT : GENERAL;
		case "pkttype":
			return incoming ? word("host") : GENERAL;
		case "iifgroup":
		case "oifgroup":
		case "iiftype":
		case "oiftype":
		case "iifkind":
		case "oifkind":
			return SPECIFIC;
		default:
			return GENERAL;
	}
}

function ct(key: string, { state, direction, family, marks = UNKNOWN_MARKS }: Packet): Field {
	if (key === "state") {
		return word(state);
	}
	if (!isTracked(state)) {
		return ABSENT;
	}
	switch (key) {
		case "mark":
			return { kind: "bits", bits: marks.connection };
		// Of a connection that another one has announced (net/netfilter/nft_ct.c).
		case "helper":
			return ABSENT;
		case "direction":
			return word(direction === "in" || state === "new" ? "original" : "reply");
		case "status":
			// Neither confirmed nor answered yet; and one that was sent elsewhere does not come here.
			return state === "new" ? word("none") : GENERAL;
		case "protocol":
			return word("udp");
		case "l3proto":
			return word(family);
		default:
			return GENERAL;
	}
}

/** What the first datagram of the connection had, as it came. */
function ctOriginal(key: string, packet: Packet): Field {
	const { state, direction, family, local, localPorts, remote, remotePorts } = packet;
	if (!isTracked(state)) {
		return ABSENT;
	}
	// An answer to what was not tracked is the first itself.
	if (direction === "out" && state === "new") {
		return GENERAL;
	}
	const [, protocol, field = key] = /^(ip6?) (.*)$/.exec(key) ?? [];
	if (protocol !== undefined && (protocol === "ip") !== (family === "ipv4")) {
		return ABSENT;
	}
	switch (field) {
		case "daddr":
			return { kind: "address", address: local };
		case "saddr":
			return { kind: "address", address: remote };
		case "proto-dst":
			return { kind: "ports", ports: localPorts };
		case "proto-src":
			return { kind: "ports", ports: remotePorts };
		default:
			return ct(key, packet);
	}
}

/** The host's own address is local; peers are reached by the interface they come in by, unless that is known better. */
function fib(result: string, flags: ReadonlySet<unknown>, packet: Packet): Field {
	const { direction, interface: name, elsewhere } = packet;
	const ofLocal = flags.has(direction === "in" ? "daddr" : "saddr");
	if (result === "type") {
		if (ofLocal && elsewhere && flags.has("iif")) {
			return GENERAL;
		}
		return ofLocal ? word("local") : word("unicast");
	}
	if (ofLocal || !["oif", "oifname", "check"].includes(result)) {
		return GENERAL;
	}
	const back = wayBack(packet);
	// Routes by that interface alone are looked for, and it may have one that is not the best.
	return flags.has("iif") && back !== name && back !== "" ? GENERAL : { kind: "interface", name: back };
}
