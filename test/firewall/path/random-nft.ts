/** Random rule sets of nftables, as a script for `nft -f`: valid, and such that datagrams to the control port always pass. */

import { CONTROL_PORT } from "../../lab/hosts.js";
import type { SeededRandom } from "../../support/random.js";

export const PORTS = [60001, 60002, 60010, 60500, 53, 5353, 123] as const;
export const SOURCES4 = ["10.77.0.2", "192.0.2.9", "198.51.100.7", "10.1.2.3"] as const;
export const SOURCES6 = ["fd77::2", "2001:db8::9", "fd99::5"] as const;
export const LOCALS4 = ["10.77.0.1", "10.77.0.3"] as const;
export const LOCALS6 = ["fd77::1", "fd77::3"] as const;

const PREFIXES4 = [
	"10.0.0.0/8",
	"192.0.2.0/24",
	"198.51.100.0/25",
	"10.77.0.0/16",
	"203.0.113.0/24",
	"0.0.0.0/0",
];
const PREFIXES6 = ["fd00::/8", "2001:db8::/32", "fd77::/64", "2001:db8:ffff::/48"];
const RANGES4 = ["10.77.0.1-10.77.0.2", "192.0.2.1-192.0.2.8", "10.0.0.0-10.255.255.255"];
const RANGES6 = ["fd77::1-fd77::2", "2001:db8::1-2001:db8::8"];

type NftFamily = "inet" | "ip" | "ip6" | "netdev";

interface Place {
	readonly family: NftFamily;
	readonly hook: string;
	readonly isNat: boolean;
	/** Chains that may be jumped to. */
	readonly below: readonly string[];
}

export class RandomNft {
	readonly #random: SeededRandom;

	constructor(random: SeededRandom) {
		this.#random = random;
	}

	script(): string {
		const count = 1 + this.#random.below(3);
		return Array.from({ length: count }, (_, index) => this.#table(`t${index}`)).join("\n");
	}

	#table(name: string): string {
		const family = this.#pick(["inet", "inet", "inet", "ip", "ip", "ip6", "netdev"] as const);
		const users = Array.from({ length: this.#random.below(4) }, (_, index) => `u${index}`);
		const hook = family === "netdev" ? "ingress" : this.#pick(["input", "input", "prerouting"]);
		// A chain jumps only to those that stand before it here, so that none comes round.
		const chains = users.map((user, index) =>
			this.#chain(user, "", { family, hook, isNat: false, below: users.slice(0, index) }),
		);
		for (let index = 0; index <= this.#random.below(2); index += 1) {
			chains.push(this.#base(`b${index}`, family, hook, users));
		}
		if (family !== "netdev" && this.#chance(0.25)) {
			chains.push(this.#base("o", family, "output", []));
		}
		if (family !== "netdev" && this.#chance(0.15)) {
			chains.push(this.#nat(family));
		}
		const flags = this.#chance(0.07) ? "\tflags dormant\n" : "";
		return `table ${family} ${name} {\n${flags}${this.#sets(family, users)}${chains.join("")}}\n`;
	}

	#sets(family: NftFamily, users: readonly string[]): string {
		const sources4 = [this.#some(SOURCES4), this.#some(PREFIXES4.slice(1, 5))].flat();
		const targets = [
			...users.map((user) => `jump ${user}`),
			...users.map((user) => `goto ${user}`),
			"accept",
			"drop",
			"continue",
			"return",
		];
		const verdicts = this.#some(PORTS).map((port) => `${port} : ${this.#pick(targets)}`);
		const sets = [
			`set ports { type inet_service; elements = { ${this.#some(PORTS)} } }`,
			`set spans { type inet_service; flags interval; elements = { ${this.#pick(["60001-60005", "1-1023", "50000-60400"])}, 5353 } }`,
			`map verdicts { type inet_service : verdict; elements = { ${verdicts} } }`,
		];
		if (family !== "ip6") {
			sets.push(
				`set nets { type ipv4_addr; flags interval; auto-merge; elements = { ${sources4} } }`,
				`set pairs { type ipv4_addr . inet_service; flags interval; elements = { ${this.#pick(PREFIXES4.slice(0, 4))} . ${this.#pick(PORTS)}, ${this.#pick(SOURCES4)} . 60000-60400 } }`,
			);
		}
		if (family !== "ip") {
			sets.push(`set hosts { type ipv6_addr; elements = { ${this.#some(SOURCES6)} } }`);
		}
		return sets.map((set) => `\t${set}\n`).join("");
	}

	#base(name: string, family: NftFamily, hook: string, below: readonly string[]): string {
		const policy = this.#chance(0.4) ? "drop" : "accept";
		const device = hook === "ingress" ? `device "${this.#pick(["eth0", "eth1"])}" ` : "";
		const priority = this.#pick(hook === "prerouting" ? [-300, -300, -150, 0] : [-10, 0, 0, 5]);
		const header = `\t\ttype filter hook ${hook} ${device}priority ${priority}; policy ${policy};\n${control()}`;
		return this.#chain(name, header, { family, hook, isNat: false, below });
	}

	#nat(family: NftFamily): string {
		const header = `\t\ttype nat hook prerouting priority -100; policy ${this.#chance(0.1) ? "drop" : "accept"};\n${control()}`;
		return this.#chain("n", header, { family, hook: "prerouting", isNat: true, below: [] });
	}

	#chain(name: string, header: string, place: Place): string {
		const rules = Array.from({ length: this.#random.below(6) }, () => `\t\t${this.#rule(place)}\n`);
		return `\tchain ${name} {\n${header}${rules.join("")}\t}\n`;
	}

	#rule(place: Place): string {
		const matches = Array.from({ length: this.#pick([0, 1, 1, 1, 2, 2, 3]) }, () => this.#match(place));
		const middle = this.#chance(0.2) ? ["counter"] : [];
		const end = this.#end(place, matches.length > 0);
		return [...new Set(matches), ...middle, end].join(" ") || "counter";
	}

	#end({ family, hook, isNat, below }: Place, narrowed: boolean): string {
		const ends = ["accept", "accept", "accept", "drop", "return"];
		if (!narrowed) {
			ends.push("counter", "return");
		}
		if (hook === "input" || hook === "output") {
			ends.push("reject", "reject with icmpx admin-prohibited", "reject with tcp reset");
			if (family !== "ip6") {
				ends.push("reject with icmp host-unreachable");
			}
			if (family !== "ip") {
				ends.push("reject with icmpv6 admin-prohibited");
			}
		}
		for (const chain of below) {
			ends.push(`jump ${chain}`, `jump ${chain}`, `goto ${chain}`);
		}
		if (below.length > 0) {
			ends.push("udp dport vmap @verdicts", this.#verdicts(below));
		}
		if (hook === "prerouting" && !isNat) {
			ends.push("notrack");
			if (this.#chance(0.1)) {
				ends.push("ct zone set 5", "ct original zone set 5");
			}
		}
		if (isNat) {
			const nat = ["redirect to :60002", "redirect to :9"];
			if (family === "ip") {
				nat.push("dnat to udp dport map { 60001 : 10.77.0.99, 53 : 10.77.0.98 }");
			}
			return this.#pick([...nat, "accept", "return"]);
		}
		if (this.#chance(0.12) && hook !== "ingress") {
			return this.#marking();
		}
		return this.#pick(ends);
	}

	/** Some go on, some end the walk at once. */
	#marking(): string {
		return this.#pick([
			"meta mark set 7",
			"meta mark set 0x40 accept",
			"meta mark set meta mark or 0x40",
			"meta mark set meta mark and 0xf",
			"ct mark set 0x40",
			"ct mark set meta mark",
			"meta mark set ct mark",
			"meta mark set ct mark xor 0x41",
		]);
	}

	#verdicts(below: readonly string[]): string {
		const verdict = () =>
			this.#pick([...below.map((chain) => `jump ${chain}`), "accept", "drop", "return", "continue"]);
		return this.#pick([
			() =>
				`udp dport vmap { ${this.#pick(PORTS.slice(0, 3))} : ${verdict()}, 1-1000 : ${verdict()}, * : ${verdict()} }`,
			() => `meta l4proto vmap { tcp : drop, udp : ${verdict()} }`,
			() => `iifname vmap { "eth0" : ${verdict()}, "lo" : accept }`,
			() => `meta mark vmap { 0 : ${verdict()}, 7 : ${verdict()} }`,
			() =>
				`iifname . udp dport vmap { "eth0" . ${this.#pick(PORTS)} : ${verdict()}, "eth1" . 53 : ${verdict()} }`,
		])();
	}

	#match(place: Place): string {
		const { family, hook } = place;
		const not = this.#chance(0.25) ? "!= " : "";
		const kinds = [() => this.#port(not), () => this.#port(not), () => this.#protocol(family, not)];
		if (hook === "ingress") {
			kinds.push(() => `ether type ${not}${this.#pick(["ip", "ip6", "{ ip, ip6 }", "arp"])}`);
		} else {
			kinds.push(() => this.#state(not));
		}
		if (hook !== "output") {
			kinds.push(
				() => `iifname ${not}${this.#pick(['"eth0"', '"eth1"', '"eth*"', '"lo"', '{ "eth1", "lo" }'])}`,
			);
		}
		if (hook === "output" || hook === "input") {
			kinds.push(() => `oifname ${not}${this.#pick(['"eth0"', '"eth1"'])}`);
		}
		if (family !== "ip6") {
			kinds.push(
				() => this.#ipv4(not),
				() => this.#ipv4(not),
			);
		}
		if (family !== "ip") {
			kinds.push(() => this.#ipv6(not));
		}
		if (hook === "input" || hook === "prerouting") {
			kinds.push(
				() => `fib daddr type ${not}${this.#pick(["local", "{ broadcast, multicast }"])}`,
				() => `fib saddr . iif oif ${this.#pick(["missing", "exists"])}`,
				() => `fib daddr . iif type ${not}local`,
				() => this.#pick(["meta skuid 0", "tcp option maxseg exists", "exthdr frag exists"]),
			);
		}
		if (hook !== "ingress") {
			kinds.push(() =>
				this.#pick([
					`meta mark ${not}${this.#pick(["0", "7", "0x40", "{ 1, 7 }"])}`,
					`ct mark ${not}${this.#pick(["0", "0x40"])}`,
					`meta mark and 0x40 ${this.#pick(["==", "!="])} 0`,
				]),
			);
		}
		if (this.#chance(0.05)) {
			kinds.push(() =>
				this.#pick(["limit rate 1/minute", "ip ttl > 3", "numgen random mod 2 0", "udp sport 32768-50000"]),
			);
		}
		return this.#pick(kinds)();
	}

	#port(not: string): string {
		const port = () => this.#pick(PORTS);
		return this.#pick([
			() => `udp dport ${not}${port()}`,
			() => `udp dport ${not}{ ${this.#some(PORTS)} }`,
			() => `udp dport ${not}${this.#pick(["60001-60005", "1-1023", "1024-65535", "60000-61000"])}`,
			() => `udp dport ${not}{ 60002-60400, 53 }`,
			() => `udp dport ${this.#pick(["<", ">", "<=", ">="])} ${port()}`,
			() => `th dport ${not}${port()}`,
			() => `udp dport ${not}@${this.#pick(["ports", "spans"])}`,
			() => `udp sport ${this.#pick(["< 1024", ">= 1024", "!= 53", "1024-65535"])}`,
			() => `@th,16,16 ${not}${port()}`,
			() => "udp dport & 1 == 1",
		])();
	}

	#protocol(family: NftFamily, not: string): string {
		const kinds = [
			`meta l4proto ${not}${this.#pick(["udp", "tcp", "{ tcp, udp }", "icmp"])}`,
			"tcp dport 22",
			"meta pkttype host",
			"meta pkttype != host",
		];
		if (family === "inet") {
			kinds.push(`meta nfproto ${not}${this.#pick(["ipv4", "ipv6"])}`);
		}
		if (family !== "ip6") {
			kinds.push(`ip protocol ${not}${this.#pick(["udp", "tcp"])}`, "icmp type echo-request");
		}
		if (family !== "ip") {
			kinds.push(`ip6 nexthdr ${not}udp`);
		}
		return this.#pick(kinds);
	}

	#state(not: string): string {
		return this.#pick([
			`ct state ${not}new`,
			"ct state established,related",
			"ct state invalid",
			"ct state new,untracked",
			`ct state ${not}{ new, established }`,
			"ct state untracked",
			"ct direction original",
			`meta l4proto udp ct original proto-dst ${not}${this.#pick(PORTS)}`,
		]);
	}

	#ipv4(not: string): string {
		const source = () => this.#pick([...SOURCES4, ...PREFIXES4, ...RANGES4]);
		return this.#pick([
			() => `ip saddr ${not}${source()}`,
			() => `ip saddr ${not}{ ${this.#some(SOURCES4)}, 203.0.113.0/24 }`,
			() => `ip saddr ${not}@nets`,
			() => `ip saddr . udp dport ${not}@pairs`,
			() =>
				`ip daddr . udp dport ${not}{ ${this.#pick(LOCALS4)} . ${this.#pick(PORTS)}, 10.77.0.0/24 . 60002 }`,
			() => `ip daddr ${not}${this.#pick([...LOCALS4, "10.77.0.0/30", "10.77.0.1-10.77.0.2"])}`,
		])();
	}

	#ipv6(not: string): string {
		return this.#pick([
			() => `ip6 saddr ${not}${this.#pick([...SOURCES6, ...PREFIXES6, ...RANGES6])}`,
			() => `ip6 saddr ${not}@hosts`,
			() => `ip6 daddr ${not}${this.#pick([...LOCALS6, "fd77::/126"])}`,
			() => `ip6 daddr . udp dport ${not}{ ${this.#pick(LOCALS6)} . ${this.#pick(PORTS)} }`,
		])();
	}

	#pick<T>(from: readonly T[]): T {
		return from[this.#random.below(from.length)] as T;
	}

	/** At least one. */
	#some<T>(from: readonly T[]): T[] {
		const some = from.filter(() => this.#chance(0.4));
		return some.length > 0 ? some : [this.#pick(from)];
	}

	#chance(probability: number): boolean {
		return this.#random.next() < probability;
	}
}

function control(): string {
	return `\t\tudp dport ${CONTROL_PORT} accept\n\t\tudp sport ${CONTROL_PORT} accept\n`;
}
