/** Random tables of iptables, for `iptables-restore`; datagrams to the control port always pass. */

import { CONTROL_PORT } from "../../lab/hosts.js";
import type { SeededRandom } from "../../support/random.js";
import { LOCALS4, LOCALS6, PORTS, SOURCES4, SOURCES6 } from "./random-nft.js";

interface Place {
	readonly table: string;
	readonly chain: string;
	readonly below: readonly string[];
}

const ADDRESSES = {
	ipv4: {
		sources: [...SOURCES4, "10.0.0.0/8", "192.0.2.0/24", "203.0.113.0/24"],
		locals: [...LOCALS4, "10.77.0.0/30"],
		ranges: ["10.77.0.1-10.77.0.2", "192.0.2.1-192.0.2.8"],
	},
	ipv6: {
		sources: [...SOURCES6, "fd00::/8", "2001:db8::/32", "2001:db8:ffff::/48"],
		locals: [...LOCALS6, "fd77::/126"],
		ranges: ["fd77::1-fd77::2", "2001:db8::1-2001:db8::8"],
	},
} as const;

export class RandomIptables {
	readonly #random: SeededRandom;
	readonly #addresses: (typeof ADDRESSES)["ipv4" | "ipv6"];

	constructor(random: SeededRandom, family: "ipv4" | "ipv6") {
		this.#random = random;
		this.#addresses = ADDRESSES[family];
	}

	script(): string {
		const output = this.#chance(0.2) ? ["OUTPUT"] : [];
		const tables = [this.#table("filter", ["INPUT", ...output])];
		if (this.#chance(0.3)) {
			tables.push(this.#table("raw", ["PREROUTING"]));
		}
		if (this.#chance(0.2)) {
			tables.push(this.#table("mangle", ["PREROUTING", "INPUT"]));
		}
		if (this.#chance(0.15)) {
			tables.push(this.#table("nat", ["PREROUTING"]));
		}
		return tables.join("");
	}

	#table(table: string, bases: readonly string[]): string {
		const users =
			table === "nat" ? [] : Array.from({ length: this.#random.below(4) }, (_, index) => `U${index}`);
		const policies = bases.map(
			(chain) => `:${chain} ${table !== "nat" && this.#chance(0.2) ? "DROP" : "ACCEPT"} [0:0]`,
		);
		const lines = [
			...bases.flatMap((chain) => [
				`-A ${chain} -p udp -m udp --dport ${CONTROL_PORT} -j ACCEPT`,
				`-A ${chain} -p udp -m udp --sport ${CONTROL_PORT} -j ACCEPT`,
				...this.#rules({ table, chain, below: chain === "OUTPUT" ? [] : users }),
			]),
			...users.flatMap((chain, index) => this.#rules({ table, chain, below: users.slice(0, index) })),
		];
		return [
			`*${table}`,
			...policies,
			...users.map((user) => `:${user} - [0:0]`),
			...lines,
			"COMMIT",
			"",
		].join("\n");
	}

	#rules(place: Place): string[] {
		return Array.from({ length: this.#random.below(7) }, () => this.#rule(place));
	}

	#rule(place: Place): string {
		const not = () => (this.#chance(0.25) ? "! " : "");
		const { sources, locals, ranges } = this.#addresses;
		const parts: string[] = [];
		if (this.#chance(0.25)) {
			parts.push(`${not()}-s ${this.#pick(sources)}`);
		}
		if (this.#chance(0.1)) {
			parts.push(`${not()}-d ${this.#pick(locals)}`);
		}
		if (this.#chance(0.15) && place.chain !== "OUTPUT") {
			parts.push(`${not()}-i ${this.#pick(["eth0", "eth1", "eth+", "lo"])}`);
		}
		if (this.#chance(0.6)) {
			parts.push(this.#protocol(not));
		}
		const extension = this.#pick([
			() => "",
			() => "",
			() =>
				`-m conntrack ${not()}--ctstate ${this.#pick(["NEW", "RELATED,ESTABLISHED", "INVALID", "NEW,UNTRACKED"])}`,
			() => `-m addrtype ${not()}--dst-type ${this.#pick(["LOCAL", "MULTICAST", "LOCAL,MULTICAST"])}`,
			() => `-m iprange ${not()}--src-range ${this.#pick(ranges)}`,
			() => `-m comment --comment "as -j \\"quoted\\""`,
			() => `-m pkttype ${not()}--pkt-type unicast`,
			() => `-m mark ${not()}--mark ${this.#pick(["0x7", "0x0/0x40", "0x40/0x40"])}`,
			() => `-m connmark ${not()}--mark ${this.#pick(["0x0", "0x40/0xff"])}`,
			() =>
				this.#chance(0.1)
					? this.#pick(["-m limit --limit 1/minute", "-m statistic --mode random --probability 0.5"])
					: "",
		])();
		if (extension !== "") {
			parts.push(extension);
		}
		return [`-A ${place.chain}`, ...parts, this.#target(place)].join(" ").trim();
	}

	#protocol(not: () => string): string {
		return this.#pick([
			() => `-p udp -m udp ${not()}--dport ${this.#pick([...PORTS, "60001:60005", "1024:65535", ":1023"])}`,
			() => `-p udp -m multiport ${not()}--dports ${this.#pick(["53,60001", "60000:60400,123", "5353"])}`,
			() => `-p udp -m udp --sport ${this.#pick(["1024:65535", "53"])}`,
			() => `${not()}-p tcp`,
			() => "-p tcp -m tcp --dport 22",
			() => "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
			() => "-p udp -m length --length 0:100",
			() => "-p udp -m state --state NEW",
			() => "-p udp",
		])();
	}

	#target({ table, chain, below }: Place): string {
		if (table === "nat") {
			return this.#pick(
				["-j REDIRECT --to-ports 60002", "-j ACCEPT", "-j RETURN"].slice(this.#chance(0.5) ? 0 : 1),
			).replace(/^-j REDIRECT/, "-p udp -j REDIRECT");
		}
		const targets = ["-j ACCEPT", "-j ACCEPT", "-j ACCEPT", "-j DROP", "-j RETURN", ""];
		if (table === "filter" && chain !== "OUTPUT") {
			targets.push("-j REJECT");
		}
		if (table === "mangle") {
			targets.push(
				"-j MARK --set-xmark 0x7/0xffffffff",
				"-j MARK --set-xmark 0x40/0x40",
				"-j CONNMARK --set-xmark 0x40/0xf0",
				"-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xffffffff",
				"-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0x40",
			);
		}
		if (table === "raw") {
			targets.push("-j CT --notrack");
		}
		for (const user of below) {
			targets.push(`-j ${user}`, `-j ${user}`, `-g ${user}`);
		}
		return this.#pick(targets);
	}

	#pick<T>(from: readonly T[]): T {
		return from[this.#random.below(from.length)] as T;
	}

	#chance(probability: number): boolean {
		return this.#random.next() < probability;
	}
}
