/**
 * A table of iptables as iptables-save prints it, made from what nft prints of it for people: there nft shows the arguments of
 * iptables' extensions too. For tables that hold sets of nftables, all of which iptables fetches before it prints a rule. Pure.
 */

import { asksNamedSets } from "./iptables-pairs.js";
import type { NftChain, NftRule, NftTable } from "./nft-listing.js";

/**
 * Where rules ask sets of nftables, iptables does not print the table at all: whatever is not understood of it then stands in its
 * place as a rule without conditions and end. Of comments that iptables wrote nft shows nothing, and they are left out.
 * @returns undefined where a rule of another table has something that is not understood here
 */
export function savedByNft(table: NftTable): string | undefined {
	const { name, family, chains } = table;
	const isPrinted = !asksNamedSets(table);
	const rules = chains.flatMap((chain) =>
		chain.rules.map((rule) => {
			const line = lineOf(chain.name, rule, family === "ip" ? "/32" : "/128");
			return isPrinted ? line : (line ?? `-A ${chain.name}`);
		}),
	);
	if (rules.includes(undefined)) {
		return undefined;
	}
	return [`*${name}`, ...chains.map(headOf), ...rules, "COMMIT", ""].join("\n");
}

function headOf({ name, hook, policy = "accept" }: NftChain): string {
	return `:${name} ${hook === undefined ? "-" : policy.toUpperCase()} [0:0]`;
}

const WORDS = /"[^"]*"|\{[^{}]*\}|[^\s"{}]+/g;

function lineOf(chain: string, { text, statements }: NftRule, hostPrefix: string): string | undefined {
	// Between two blanks stands what is not shown: of nft 1.0.6, comments.
	const hidden = (text.match(/ (?= )/g) ?? []).length;
	if (hidden > 0 && hidden !== statements.filter(isComment).length) {
		return undefined;
	}
	const words = new Words(text.match(WORDS) ?? []);
	const rule = new SavedRule(hostPrefix);
	while (!words.atEnd) {
		const read = STATEMENTS[words.next()];
		if (read === undefined || !read(words, rule)) {
			return undefined;
		}
	}
	return `-A ${chain}${rule.text}`;
}

function isComment(statement: unknown): boolean {
	return (statement as { xt?: { name?: unknown } | null } | null)?.xt?.name === "comment";
}

class Words {
	readonly #words: readonly string[];
	#at = 0;

	constructor(words: readonly string[]) {
		this.#words = words;
	}

	get atEnd(): boolean {
		return this.#at >= this.#words.length;
	}

	/** Empty at the end. */
	next(): string {
		const word = this.#words[this.#at] ?? "";
		this.#at += 1;
		return word;
	}

	/** Whether this is the next word, which it then takes. */
	takes(word: string): boolean {
		const isNext = this.#words[this.#at] === word;
		this.#at += isNext ? 1 : 0;
		return isNext;
	}

	/** The operator before a value, as iptables writes it before an option. */
	negation(): string {
		return this.takes("!=") ? "! " : "";
	}
}

/** In iptables-save's order. */
class SavedRule {
	readonly #hostPrefix: string;
	readonly #ends: string[] = [];
	readonly #interfaces: string[] = [];
	#protocol: string | undefined;
	readonly #matches: string[] = [];
	#target = "";

	constructor(hostPrefix: string) {
		this.#hostPrefix = hostPrefix;
	}

	get text(): string {
		const protocol = this.#protocol === undefined ? [] : [this.#protocol];
		return [...this.#ends, ...this.#interfaces, ...protocol, ...this.#matches, this.#target]
			.filter((part) => part !== "")
			.map((part) => ` ${part}`)
			.join("");
	}

	end(negation: string, option: string, address: string): void {
		this.#ends.push(`${negation}${option} ${address.includes("/") ? address : address + this.#hostPrefix}`);
	}

	interface(negation: string, option: string, name: string): void {
		this.#interfaces.push(`${negation}${option} ${name.slice(1, -1).replace(/\*$/, "+")}`);
	}

	/** False where it has another already: no rule of iptables has two. */
	protocol(negation: string, name: string): boolean {
		const protocol = `${negation}-p ${name}`;
		const isSame = this.#protocol === undefined || this.#protocol === protocol;
		this.#protocol ??= protocol;
		return isSame;
	}

	match(text: string): void {
		this.#matches.push(text);
	}

	/** False behind another. */
	target(text: string): boolean {
		const isFirst = this.#target === "";
		this.#target = text;
		return isFirst;
	}
}

/** Reads the words behind the first of a statement. False where they are not understood. */
type Read = (words: Words, rule: SavedRule) => boolean;

const PORTS = /^\d+(-\d+)?$/;

const ports =
	(protocol: string): Read =>
	(words, rule) => {
		const field = words.next();
		const negation = words.negation();
		const value = words.next();
		if (protocol === "tcp" && field === "flags" && words.takes("/")) {
			// `tcp flags syn / syn,ack`: the mask comes first in iptables.
			rule.match(`-m tcp ${negation}--tcp-flags ${words.next().toUpperCase()} ${value.toUpperCase()}`);
			return rule.protocol("", protocol);
		}
		const list = /^\{ ?(.*?) ?\}$/.exec(value)?.[1]?.split(/, ?/);
		if (!/^[ds]port$/.test(field) || !(list ?? [value]).every((port) => PORTS.test(port))) {
			return false;
		}
		const colons = (list ?? [value]).map((port) => port.replace("-", ":"));
		rule.match(
			list === undefined
				? `-m ${protocol} ${negation}--${field} ${colons}`
				: `-m multiport ${negation}--${field}s ${colons}`,
		);
		return rule.protocol("", protocol);
	};

const addresses: Read = (words, rule) => {
	const field = words.next();
	const negation = words.negation();
	const value = words.next();
	if (field === "protocol" || field === "nexthdr") {
		return /^[\w-]+$/.test(value) && rule.protocol(negation, value);
	}
	if (!/^[ds]addr$/.test(field) || !/^[\da-f.:]+(\/\d+)?(-[\da-f.:]+)?$/.test(value)) {
		return false;
	}
	const isSource = field === "saddr";
	if (value.includes("-")) {
		rule.match(`-m iprange ${negation}--${isSource ? "src" : "dst"}-range ${value}`);
	} else {
		rule.end(negation, isSource ? "-s" : "-d", value);
	}
	return true;
};

const interfaceName =
	(option: string): Read =>
	(words, rule) => {
		const negation = words.negation();
		const name = words.next();
		rule.interface(negation, option, name);
		return /^".+"$/.test(name);
	};

const icmp =
	(protocol: string, option: string): Read =>
	(words, rule) => {
		if (!words.takes("type")) {
			return false;
		}
		const negation = words.negation();
		const value = words.next();
		rule.match(`${negation}${option} ${value}`);
		return /^[\w-]+$/.test(value) && rule.protocol("", protocol);
	};

/** A word of the statement and how it is read, for those of a rule's own. */
const STATEMENTS: Readonly<Record<string, Read>> = {
	iifname: interfaceName("-i"),
	oifname: interfaceName("-o"),
	ip: addresses,
	ip6: addresses,
	tcp: ports("tcp"),
	udp: ports("udp"),
	icmp: icmp("icmp", "-m icmp --icmp-type"),
	icmpv6: icmp("ipv6-icmp", "-m icmp6 --icmpv6-type"),
	meta: (words, rule) => {
		const key = words.next();
		const negation = words.negation();
		const value = words.next();
		if (key !== "l4proto" || !/^[\w-]+$/.test(value)) {
			return false;
		}
		return rule.protocol(negation, value);
	},
	ct: (words, rule) => {
		if (!words.takes("state")) {
			return false;
		}
		const negation = words.negation();
		const states = words.next();
		rule.match(`-m conntrack ${negation}--ctstate ${states.toUpperCase()}`);
		return /^[a-z]+(,[a-z]+)*$/.test(states);
	},
	fib: (words, rule) => {
		const end = /^([ds])addr$/.exec(words.next())?.[1];
		if (end === undefined || !words.takes("type")) {
			return false;
		}
		const negation = words.negation();
		const types = words.next();
		rule.match(`-m addrtype ${negation}--${end === "s" ? "src" : "dst"}-type ${types.toUpperCase()}`);
		return /^[a-z]+(,[a-z]+)*$/.test(types);
	},
	limit: (words, rule) => {
		const rate = words.takes("rate") ? words.next() : "";
		const burst = words.takes("burst") ? ` --limit-burst ${words.next()}` : "";
		rule.match(`-m limit --limit ${rate}${burst}`);
		return /^\d+\/[a-z]+$/.test(rate) && (burst === "" || words.takes("packets"));
	},
	comment: (words, rule) => {
		rule.match(`-m comment --comment ${unlessPlain(words.next())}`);
		return true;
	},
	counter: (words) =>
		words.takes("packets") && words.next() !== "" && words.takes("bytes") && words.next() !== "",
	log: (words, rule) => {
		const prefix = words.takes("prefix") ? ` --log-prefix ${words.next()}` : "";
		const level = words.takes("level") ? ` --log-level ${words.next()}` : "";
		return rule.target(`-j LOG${prefix}${level}`);
	},
	// Of an extension that it cannot print either nft shows the name: what it asks for is not known.
	xt: (words, rule) => {
		const isMatch = words.takes("match");
		const name = words.next().replaceAll('"', "");
		rule.match(name === "comment" ? "" : `-m ${name} …`);
		return isMatch && /^\w+$/.test(name);
	},
	accept: (_, rule) => rule.target("-j ACCEPT"),
	drop: (_, rule) => rule.target("-j DROP"),
	return: (_, rule) => rule.target("-j RETURN"),
	jump: (words, rule) => rule.target(`-j ${words.next()}`),
	goto: (words, rule) => rule.target(`-g ${words.next()}`),
	reject: (words, rule) => {
		const kind = words.takes("with") ? ` --reject-with ${rejection(words)}` : "";
		return !kind.endsWith(" ") && rule.target(`-j REJECT${kind}`);
	},
};

/** Empty where it is not understood. */
function rejection(words: Words): string {
	const protocol = words.next();
	words.takes("type");
	const kind = words.next();
	if (protocol === "tcp") {
		return kind === "reset" ? "tcp-reset" : "";
	}
	const prefix = { icmp: "icmp", icmpv6: "icmp6" }[protocol];
	return prefix === undefined || !/^[\w-]+$/.test(kind) ? "" : `${prefix}-${kind}`;
}

/** As iptables-save quotes. */
function unlessPlain(quoted: string): string {
	const text = quoted.slice(1, -1);
	return /^[\w@%:,./-]+$/.test(text) ? text : quoted;
}
