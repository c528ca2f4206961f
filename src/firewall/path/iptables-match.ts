/** Whether the conditions of an iptables rule hold for a datagram, in iptables-save's words (iptables-extensions(8)). Pure. */

import { allOf, ConditionList, type Marking, type Noting } from "./condition-list.js";
import { readRecent } from "./iptables-recent.js";
import { isMark, UNKNOWN_MARKS } from "./marks.js";
import { entryOf, noting } from "./noted.js";
import { ANY_ADDRESS, isTracked, type Packet, type Ports, type Remote, wayBack } from "./packet.js";
import { any, not, type Truth } from "./truth.js";
import { addressBetween, addressIn, endsOf, nameMatches, portsBetween, prefixOf } from "./values.js";

/** What is known of the host's ipsets. */
export interface Ipsets {
	/** What a member is made of, such as `ip,port`; undefined where that is not known. */
	typeOf(set: string): string | undefined;
	/** The sets that a set of sets has, in its order; undefined where they are not known. */
	membersOf?(set: string): readonly string[] | undefined;
	/** Whether a set has a member, written as ipset(8) does; undefined where that is not known. */
	has(set: string, member: string): boolean | undefined;
}

interface Option {
	/** How many words follow it. */
	readonly values: number;
	/** Without it the option narrows nothing. */
	readonly holds?: (value: string, packet: Packet) => Truth;
}

const general = (): Truth => "general";
const specific = (): Truth => "specific";
const within = (_: string, { quiet }: Packet): Truth => (quiet ? true : "general");
const beyond = (_: string, { quiet }: Packet): Truth => (quiet ? false : "general");

/** In a hook that knows no such interface its name is empty. */
function isInterface(value: string, direction: Packet["direction"], packet: Packet): Truth {
	return nameMatches(value, packet.direction === direction ? packet.interface : "");
}

function isProtocol(value: string): Truth {
	return ["udp", "17", "all", "0"].includes(value);
}

function isPort(value: string, ports: Ports): Truth {
	return any(
		value.split(",").map((part) => {
			const [first = "", last = first] = part.split(":");
			return portsBetween(ports, Number(first || 0), Number(last || 65_535));
		}),
	);
}

function isAddress(value: string, address: Remote): Truth {
	return any(
		value.split(",").map((part) => {
			if (address === ANY_ADDRESS) {
				return part.endsWith("/0") ? true : "specific";
			}
			const prefix = prefixOf(part);
			return prefix === undefined ? "specific" : addressIn(address, prefix);
		}),
	);
}

function isBetween(value: string, address: Remote): Truth {
	const [first = "", last = first] = value.split("-");
	return addressBetween(address, first, last);
}

/** INVALID, NEW, ESTABLISHED, RELATED, UNTRACKED, and SNAT and DNAT, which the first datagram to a socket is not. */
function isState(value: string, { state }: Packet): Truth {
	return value.split(",").includes(state.toUpperCase());
}

/** Without a connection the options of the match neither hold nor does their contrary, unless it asks for a state too (xt_conntrack.c). */
function ofConnection(holds: (value: string, packet: Packet) => Truth) {
	return (value: string, packet: Packet): Truth =>
		isTracked(packet.state) ? holds(value, packet) : "general";
}

/** What the first datagram of the connection had, as it came. An answer to what was not tracked is the first itself. */
function ofOriginal(holds: (value: string, packet: Packet) => Truth) {
	return ofConnection((value, packet) =>
		packet.direction === "out" && packet.state === "new" ? "general" : holds(value, packet),
	);
}

const ports = (of: "source" | "destination" | "either") => (value: string, packet: Packet) => {
	const { sourcePorts, destinationPorts } = endsOf(packet);
	if (of === "source") {
		return isPort(value, sourcePorts);
	}
	if (of === "destination") {
		return isPort(value, destinationPorts);
	}
	return any([isPort(value, sourcePorts), isPort(value, destinationPorts)]);
};

/** `FROM:TO`, in packets or bytes of a connection: those of the first datagram are at most so many. */
function isSent(value: string, { state }: Packet): Truth {
	const from = Number(value.split(":")[0]);
	return state === "new" && from > LARGEST_DATAGRAM ? false : "general";
}

const LARGEST_DATAGRAM = 65_535;

/** `FROM:TO` in bytes, headers included: a session sends something in each datagram, and nothing larger than a frame of Ethernet. */
function isLength(value: string, { family }: Packet): Truth {
	const [from = 0, to = from] = value.split(":").map(Number);
	const headers = family === "ipv4" ? 28 : 48;
	return to <= headers || from > 1500 ? false : "general";
}

/** Of the host's own address, or of the other end's. */
const addressType = (end: "source" | "destination") => (value: string, packet: Packet) => {
	const own = (end === "destination") === (packet.direction === "in");
	const types = value.split(",");
	if (packet.family === "ipv4") {
		return types.includes(own ? "LOCAL" : "UNICAST");
	}
	// Of IPv6 the kernel asks for each that it knows by the address, and for one of those that it looks up (xt_addrtype.c).
	if (types.includes("MULTICAST") || types.includes("UNSPEC")) {
		return false;
	}
	const lookedUp = types.some((type) => ["LOCAL", "ANYCAST", "UNREACHABLE"].includes(type));
	return !lookedUp || (own && types.includes("LOCAL"));
};

const OPTIONS: Readonly<Record<string, Option>> = {
	"-p": { values: 1, holds: isProtocol },
	"-s": { values: 1, holds: (value, packet) => isAddress(value, endsOf(packet).source) },
	"-d": { values: 1, holds: (value, packet) => isAddress(value, endsOf(packet).destination) },
	"-i": { values: 1, holds: (value, packet) => isInterface(value, "in", packet) },
	"-o": { values: 1, holds: (value, packet) => isInterface(value, "out", packet) },
	"-f": { values: 0, holds: () => false },
	"-m": { values: 1 },
	"--comment": { values: 1 },
	"--dport": { values: 1, holds: ports("destination") },
	"--dports": { values: 1, holds: ports("destination") },
	"--sport": { values: 1, holds: ports("source") },
	"--sports": { values: 1, holds: ports("source") },
	"--ports": { values: 1, holds: ports("either") },
	"--ctstate": { values: 1, holds: isState },
	"--state": { values: 1, holds: isState },
	"--ctdir": {
		values: 1,
		holds: ofConnection(
			(value, { direction, state }) =>
				value === (direction === "in" || state === "new" ? "ORIGINAL" : "REPLY"),
		),
	},
	"--ctproto": { values: 1, holds: ofConnection(isProtocol) },
	// Neither confirmed nor answered yet; and `NONE` asks for a bit of none, which nothing has.
	"--ctstatus": { values: 1, holds: ofConnection((_, { state }) => (state === "new" ? false : "general")) },
	"--ctexpire": { values: 1, holds: general },
	"--ctorigsrc": { values: 1, holds: ofOriginal((value, { remote }) => isAddress(value, remote)) },
	"--ctorigdst": { values: 1, holds: ofOriginal((value, { local }) => isAddress(value, local)) },
	"--ctorigsrcport": { values: 1, holds: ofOriginal((value, { remotePorts }) => isPort(value, remotePorts)) },
	"--ctorigdstport": { values: 1, holds: ofOriginal((value, { localPorts }) => isPort(value, localPorts)) },
	// Of connections that another one has announced (net/netfilter/xt_helper.c).
	"--helper": { values: 1, holds: () => false },
	"--connbytes": { values: 1, holds: isSent },
	"--connbytes-dir": { values: 1 },
	"--connbytes-mode": { values: 1 },
	// Of a bridge: what is for this host does not cross it.
	"--physdev-is-bridged": { values: 0, holds: () => false },
	"--physdev-is-in": { values: 0, holds: specific },
	"--physdev-is-out": { values: 0, holds: specific },
	"--physdev-in": { values: 1, holds: specific },
	"--physdev-out": { values: 1, holds: specific },
	// IPsec has policies for addresses that an administrator names.
	"--pol": {
		values: 1,
		holds: (value, { remote }) =>
			typeof remote !== "string" || remote === ANY_ADDRESS ? value === "none" : "specific",
	},
	"--dir": { values: 1 },
	"--dst-type": { values: 1, holds: addressType("destination") },
	"--src-type": { values: 1, holds: addressType("source") },
	"--limit-iface-in": { values: 0 },
	"--limit-iface-out": { values: 0 },
	"--src-range": { values: 1, holds: (value, packet) => isBetween(value, endsOf(packet).source) },
	"--dst-range": { values: 1, holds: (value, packet) => isBetween(value, endsOf(packet).destination) },
	"--pkt-type": {
		values: 1,
		holds: (value, { direction }) => (direction === "in" ? value === "unicast" : "general"),
	},
	"--mac-source": { values: 1, holds: specific },
	"--limit": { values: 1, holds: within },
	"--limit-burst": { values: 1 },
	"--probability": { values: 1, holds: general },
	"--mode": { values: 1, holds: general },
	"--every": { values: 1 },
	"--packet": { values: 1 },
	"--connlimit-above": { values: 1, holds: beyond },
	"--connlimit-upto": { values: 1, holds: within },
	"--connlimit-mask": { values: 1 },
	"--connlimit-saddr": { values: 0 },
	"--connlimit-daddr": { values: 0 },
	"--hashlimit-upto": { values: 1, holds: within },
	"--hashlimit-above": { values: 1, holds: beyond },
	"--hashlimit-burst": { values: 1 },
	"--hashlimit-mode": { values: 1 },
	"--hashlimit-name": { values: 1 },
	"--hashlimit-srcmask": { values: 1 },
	"--hashlimit-dstmask": { values: 1 },
	"--hashlimit-htable-size": { values: 1 },
	"--hashlimit-htable-max": { values: 1 },
	"--hashlimit-htable-expire": { values: 1 },
	"--hashlimit-htable-gcinterval": { values: 1 },
	"--tcp-flags": { values: 2, holds: () => false },
	"--icmp-type": { values: 1, holds: () => false },
	"--icmpv6-type": { values: 1, holds: () => false },
	"--uid-owner": { values: 1, holds: general },
	"--gid-owner": { values: 1, holds: general },
	"--socket-exists": { values: 0, holds: general },
	"--length": { values: 1, holds: isLength },
	"--invert": { values: 0 },
	"--loose": { values: 0 },
	"--validmark": { values: 0 },
	"--accept-local": { values: 0 },
};

/** What having a match means by itself, before its options. A match that is not here is not understood. */
const MODULES: Readonly<Record<string, Truth>> = Object.fromEntries([
	...["tcp", "icmp", "icmp6", "sctp", "dccp"].map((name) => [name, false] as const),
	// Extension headers of IPv6, which no datagram of a session has.
	...["rt", "frag", "hbh", "dst", "mh", "ah", "esp"].map((name) => [name, false] as const),
	...[
		...[
			"udp",
			"multiport",
			"conntrack",
			"state",
			"comment",
			"addrtype",
			"iprange",
			"pkttype",
			"mac",
			"limit",
		],
		...["mark", "connmark", "statistic", "connlimit", "hashlimit", "owner", "length", "set"],
		...["helper", "connbytes", "physdev", "policy"],
	].map((name) => [name, true] as const),
]);

export interface Conditions {
	readonly holds: (packet: Packet) => Truth;
	/** The rest of the rule: its target and what belongs to it. */
	readonly target: readonly string[];
	/** The marks of a datagram with what the rule has put into sets and lists; undefined where it puts nothing there. */
	readonly notes: Marking | undefined;
}

/** @param words everything after `-A CHAIN` */
export function readConditions(words: readonly string[], ipsets: Ipsets): Conditions {
	const list = new ConditionList();
	let rest = [...words];
	let module = "";
	while (rest.length > 0 && rest[0] !== "-j" && rest[0] !== "-g") {
		const negated = rest[0] === "!";
		const [option = "", ...after] = negated ? rest.slice(1) : rest;
		if (option === "--match-set") {
			const [set = "", directions = "", ...more] = after;
			// It asks for exceptions, which ipset does not tell from what is not there.
			const asksExceptions = more[0] === "--return-nomatch";
			list.add((packet) =>
				asksExceptions ? "specific" : inverted(negated, isMember(set, directions, packet, ipsets)),
			);
			rest = more;
			continue;
		}
		if (option === "--mark") {
			const [text = "", ...more] = after;
			list.add(markTest(text, module === "connmark", negated));
			rest = more;
			continue;
		}
		const known = OPTIONS[option];
		if (known === undefined) {
			// Nor is it known how many words belong to it.
			list.add(general);
			const next = after.findIndex((word) => word.startsWith("-") || word === "!");
			rest = next < 0 ? [] : after.slice(next);
			continue;
		}
		const value = after[0] ?? "";
		rest = after.slice(known.values);
		if (option === "-m" && value === "recent") {
			const options = optionsOfMatch(rest);
			const recent = readRecent(options);
			list.add(recent.holds);
			list.note(recent.notes);
			rest = rest.slice(options.length);
			continue;
		}
		if (option === "-m") {
			module = value;
			if (value === "rpfilter") {
				list.add(reversePath(rest));
			} else {
				const truth = MODULES[value] ?? "general";
				list.add(() => truth);
			}
			continue;
		}
		const { holds } = known;
		if (holds !== undefined) {
			// On that interface alone, an address of another one is of some other type.
			const isLimited = option.endsWith("-type") && rest.includes("--limit-iface-in");
			list.add((packet) =>
				isLimited && packet.elsewhere ? "general" : inverted(negated, holds(value, packet)),
			);
		}
	}
	const adding = readAdding(rest);
	if (adding !== undefined) {
		list.note(adding);
	}
	const { conditions, notes } = list;
	return { holds: allOf(conditions), target: rest, notes };
}

/** @param text `0x1/0xff`, or a whole mark */
function markTest(text: string, ofConnection: boolean, negated: boolean): (packet: Packet) => Truth {
	const [value = 0, mask] = text.split("/").map(Number);
	return ({ marks = UNKNOWN_MARKS, state }) => {
		// Without a connection neither the test nor its contrary holds (net/netfilter/xt_connmark.c).
		if (ofConnection && !isTracked(state)) {
			return false;
		}
		return inverted(negated, isMark(ofConnection ? marks.connection : marks.packet, value, mask));
	};
}

function inverted(negated: boolean, truth: Truth): Truth {
	return negated ? not(truth) : truth;
}

/** @param words behind the name of a match: those up to the next match or the target */
function optionsOfMatch(words: readonly string[]): readonly string[] {
	const end = words.findIndex((word) => ["-m", "-j", "-g"].includes(word));
	return end < 0 ? words : words.slice(0, end);
}

function reversePath(words: readonly string[]): (packet: Packet) => Truth {
	const options = optionsOfMatch(words);
	const passes = (packet: Packet): Truth => {
		const back = wayBack(packet);
		if (back === packet.interface || back === "") {
			return back !== "";
		}
		// Of IPv6, routes by that interface alone are looked for, and it may have one that is not the best (ip6t_rpfilter.c).
		return options.includes("--loose") ? true : packet.family === "ipv6" ? "general" : false;
	};
	return (packet) => inverted(options.includes("--invert"), passes(packet));
}

/** Target SET, which puts the datagram's addresses into an ipset, or takes them out. */
function readAdding([, target, ...options]: readonly string[]): Noting | undefined {
	const at = options.findIndex((word) => word === "--add-set" || word === "--del-set");
	const [action, set = "", directions = ""] = at < 0 ? [] : options.slice(at);
	if (target !== "SET" || action === undefined) {
		return undefined;
	}
	const entry = action === "--add-set" ? "certain" : "gone";
	return (packet, when) => {
		const { marks = UNKNOWN_MARKS } = packet;
		return { ...marks, noted: noting(marks.noted, `ipset ${set}`, keyOf(directions, packet), when, entry) };
	};
}

/** Which ends of the flow are meant. */
function keyOf(directions: string, { direction }: Packet): string {
	const isRemote = (word: string) => (word === "src") === (direction === "in");
	return directions
		.split(",")
		.map((word) => (isRemote(word) ? "remote" : "local"))
		.join(" ");
}

function isMember(set: string, directions: string, packet: Packet, ipsets: Ipsets): Truth {
	const entry = entryOf(packet.marks?.noted, `ipset ${set}`, keyOf(directions, packet));
	if (entry === "certain" || entry === "gone") {
		// Whoever is in it, a set is named.
		return entry === "certain" && packet.remote === ANY_ADDRESS ? "specific" : entry === "certain";
	}
	const stored = isStored(set, directions, packet, ipsets);
	return entry === undefined ? stored : any(["specific", stored]);
}

function isStored(set: string, directions: string, packet: Packet, ipsets: Ipsets): Truth {
	const type = ipsets.typeOf(set)?.split(",");
	const members = type?.[0] === "set" ? ipsets.membersOf?.(set) : undefined;
	if (members !== undefined) {
		return any(members.map((member) => isMember(member, directions, packet, ipsets)));
	}
	if (type === undefined) {
		return "specific";
	}
	const { source, destination, sourcePorts, destinationPorts } = endsOf(packet);
	const member: string[] = [];
	for (const [index, direction] of directions.split(",").entries()) {
		const isSource = direction === "src";
		if (type[index] === "port") {
			const { first, last } = isSource ? sourcePorts : destinationPorts;
			if (first !== last) {
				return "specific";
			}
			member.push(type.length === 1 ? String(first) : `udp:${first}`);
		} else if (type[index] === "ip" || type[index] === "net") {
			const address = isSource ? source : destination;
			if (typeof address !== "string") {
				return ofStranger(set, directions, packet, ipsets, type[index] === "net");
			}
			member.push(address);
		} else if (type[index] === "iface" && isSource === (packet.direction === "in")) {
			member.push(packet.interface);
		} else {
			// A set of sets, of whatever kind: one that is asked for sources is a list of them.
			return type[index] === "set" && isSource && typeof source !== "string" ? false : "specific";
		}
	}
	return member.length === type.length ? (ipsets.has(set, member.join(",")) ?? "specific") : "specific";
}

/** Nobody has put an address that no rule names into a set, unless it has all of them, by networks. */
function ofStranger(
	set: string,
	directions: string,
	packet: Packet,
	ipsets: Ipsets,
	hasRanges: boolean,
): false {
	if (hasRanges && typeof packet.remote === "object") {
		packet.remote.isNotIn(`ipset ${set} ${directions}`, {
			has: (remote) => {
				const found = isStored(set, directions, { ...packet, remote }, ipsets);
				return typeof found === "boolean" ? found : undefined;
			},
			list: () => undefined,
		});
	}
	return false;
}
