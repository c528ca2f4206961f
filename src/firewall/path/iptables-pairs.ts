/**
 * The rules of a table that iptables keeps in nf_tables, from both of its listings. nft shows what a rule of iptables asks of
 * the kernel, but not the arguments of its extensions; iptables-save shows those, but misprints rules that nft wrote: `ip saddr
 * @set drop` as `-A INPUT -j DROP`. So a rule is believed as nft shows it, and a line of iptables-save only completes it. Pure.
 */

import type { Ipsets } from "./iptables-match.js";
import { readLine, type SavedTable } from "./iptables-rules.js";
import type { NftChain, NftRule, NftTable } from "./nft-listing.js";
import { readStatements } from "./nft-rules.js";
import type { IsOurs, Rule } from "./rules.js";
import { all } from "./truth.js";
import { splitWords } from "./words.js";

type Json = Readonly<Record<string, unknown>>;

export interface Pairs {
	/** The rule from both listings; as nft shows it where they disagree. */
	readonly better: (listed: NftRule, rule: Rule) => Rule;
	/** Where the listings disagree, a sentence each: iptables must not touch this table. */
	readonly disagreements: readonly string[];
}

export const IPTABLES_TABLES: readonly string[] = ["filter", "raw", "mangle", "nat", "security"];

/** Whether iptables would take the table for its own. */
export function isOfIptables({
	family,
	name,
	chains,
}: Pick<NftTable, "family" | "name"> & {
	readonly chains: readonly Pick<NftChain, "hook" | "name">[];
}): boolean {
	return (
		(family === "ip" || family === "ip6") &&
		IPTABLES_TABLES.includes(name) &&
		chains.some(({ hook, name }) => hook !== undefined && name === hook.toUpperCase())
	);
}

type Asking = { readonly chains: Iterable<{ readonly rules: readonly Pick<NftRule, "statements">[] }> };

/** Whether a rule asks a set or map by name, which iptables never writes and never prints. */
export function asksNamedSets({ chains }: Asking): boolean {
	return [...chains].some(({ rules }) => rules.some(({ statements }) => statements.some(asksSet)));
}

function asksSet(statement: unknown): boolean {
	const { match, counter, ...others } = (statement ?? {}) as { match?: Json; counter?: unknown } & Json;
	const right = match?.right;
	return typeof right === "string" ? right.startsWith("@") : /"(data|set)":"@/.test(JSON.stringify(others));
}

/** @param saved the same table as iptables-save prints it; undefined where it does not */
export function pair(table: NftTable, saved: SavedTable | undefined, ipsets: Ipsets, isOurs: IsOurs): Pairs {
	const name = `${table.family} ${table.name}`;
	if (saved === undefined) {
		const why = asksNamedSets(table) ? " as it is: its rules ask sets of nftables" : "";
		return {
			better: (_listed, rule) => rule,
			disagreements: [`iptables-save does not print table ${name}${why}.`],
		};
	}
	const others = otherChains(table, saved);
	const disagreements = others.map(
		(chain) => `iptables-save and nft list other rules in chain ${chain} of table ${name}.`,
	);
	const lines = new Map<NftRule, string>();
	// Then iptables was not asked, and that is what is to be said.
	const asks = asksNamedSets(table);
	for (const chain of others.length > 0 ? [] : table.chains) {
		for (const [index, rule] of chain.rules.entries()) {
			const line = saved.lines.get(chain.name)?.[index] ?? "";
			if (rule.statements.some(asksSet)) {
				disagreements.push(
					`iptables has no words for \`${rule.text}\` of chain ${chain.name}, table ${name}: it asks a set of nftables.`,
				);
			} else if (isAlike(rule, line)) {
				lines.set(rule, line);
			} else if (!asks) {
				disagreements.push(
					`iptables-save prints \`${rule.text}\` of chain ${chain.name}, table ${name}, as \`${line}\`.`,
				);
			}
		}
	}
	return {
		disagreements,
		better: (listed, rule) => {
			const line = lines.get(listed);
			if (line === undefined) {
				return rule;
			}
			if (isComplete(listed)) {
				return { ...rule, text: line };
			}
			const read = readLine(line, saved.lines, ipsets, isOurs);
			const shown = readStatements(listed.statements.filter(isShown), undefined, NO_SETS).conditions;
			return {
				...read,
				holds: (packet) => all([...shown.map((holds) => holds(packet)), read.holds(packet)]),
			};
		},
	};
}

/** Rules of iptables look nothing up in sets of nftables. */
const NO_SETS = { elements: () => undefined, has: () => undefined };

/** Chains that only one listing has, or with another number of rules. Of empty ones of the kernel's, iptables lists more. */
function otherChains(table: NftTable, saved: SavedTable): string[] {
	const counts = new Map(table.chains.map(({ name, rules }) => [name, rules.length]));
	const names = new Set([...counts.keys(), ...saved.lines.keys()]);
	return [...names].filter((name) => {
		const [listed, lines] = [counts.get(name), saved.lines.get(name)];
		if (listed !== undefined) {
			return listed !== lines?.length;
		}
		return lines?.length !== 0 || saved.policies.get(name) !== "ACCEPT";
	});
}

function isShown(statement: unknown): boolean {
	return typeof statement === "object" && statement !== null && !("xt" in statement);
}

/** Whether nft shows all that the rule asks. */
function isComplete({ statements }: NftRule): boolean {
	return statements.every(isShown);
}

/** Whether a line can be the same rule: it asks for the same fields, and ends in the same way. */
function isAlike(rule: NftRule, line: string): boolean {
	const words = splitWords(line).slice(2);
	return sameFields(rule, words) && sameEnd(rule, words);
}

function sameFields(rule: NftRule, words: readonly string[]): boolean {
	const asked = new Set(words.flatMap((word) => FIELD_OF_OPTION[word] ?? []));
	const shown = new Set(rule.statements.flatMap(fieldsOf));
	if (asked.has("ports")) {
		asked.add("protocol");
	}
	if (shown.has("ports")) {
		shown.add("protocol");
	}
	// What an extension asks for is not shown.
	const within = (some: ReadonlySet<string>, others: ReadonlySet<string>) =>
		[...some].every((field) => others.has(field));
	return within(shown, asked) && (!isComplete(rule) || within(asked, shown));
}

const FIELD_OF_OPTION: Readonly<Record<string, string>> = {
	"-p": "protocol",
	"-s": "source",
	"-d": "destination",
	"-i": "in",
	"-o": "out",
	...Object.fromEntries(
		["--dport", "--sport", "--dports", "--sports", "--ports"].map((name) => [name, "ports"]),
	),
	...Object.fromEntries(
		[
			"--ctstate",
			"--state",
			"--mark",
			"--pkt-type",
			"--limit",
			"--dst-type",
			"--src-type",
			"--mac-source",
		].map((name) => [name, "other"]),
	),
	// Fragments behind the first.
	"-f": "other",
	"--icmp-type": "protocol",
	"--icmpv6-type": "protocol",
	"--tcp-flags": "protocol",
};

const FIELD_OF_PAYLOAD: Readonly<Record<string, string>> = {
	saddr: "source",
	daddr: "destination",
	protocol: "protocol",
	nexthdr: "protocol",
	sport: "ports",
	dport: "ports",
};
const FIELD_OF_META: Readonly<Record<string, string>> = {
	l4proto: "protocol",
	iif: "in",
	iifname: "in",
	oif: "out",
	oifname: "out",
};

function fieldsOf(statement: unknown): string[] {
	const { match, limit } = (statement ?? {}) as { match?: Json; limit?: unknown };
	if (limit !== undefined) {
		return ["other"];
	}
	if (match === undefined) {
		return [];
	}
	// iptables has no sets of nftables.
	if (typeof match.right === "string" && match.right.startsWith("@")) {
		return ["set"];
	}
	const masked = (match.left as { "&"?: unknown[] } | null)?.["&"];
	const { payload, meta } = (masked?.[0] ?? match.left ?? {}) as { payload?: Json; meta?: Json };
	const { protocol, field } = payload ?? {};
	if (protocol === "tcp" && field === "flags") {
		return ["protocol"];
	}
	if (protocol === "icmp" || protocol === "icmpv6") {
		return ["protocol"];
	}
	const known = FIELD_OF_PAYLOAD[String(field)] ?? FIELD_OF_META[String(meta?.key)];
	return [protocol === "ether" ? "other" : (known ?? "other")];
}

function sameEnd({ statements }: NftRule, words: readonly string[]): boolean {
	const at = words.findIndex((word) => word === "-j" || word === "-g");
	const word = at < 0 ? undefined : words[at + 1];
	// It prints the kernel's target CT by one of its uses.
	const target = word === "NOTRACK" ? "CT" : word;
	const last = statements.map(endOf).find((end) => end !== undefined);
	return last === undefined ? target === undefined || !ENDS.has(target) : last === target;
}

/** What nft never shows as a statement that is not understood. */
const ENDS = new Set(["ACCEPT", "DROP", "RETURN"]);

function endOf(statement: unknown): string | undefined {
	const [kind = "", value] = Object.entries((statement ?? {}) as Json)[0] ?? [];
	const { target, type, name } = (value ?? {}) as Json;
	if (kind === "jump" || kind === "goto") {
		return String(target);
	}
	if (kind === "xt") {
		return type === "target" ? String(name) : undefined;
	}
	if (["accept", "drop", "return", "reject"].includes(kind)) {
		return kind.toUpperCase();
	}
	return undefined;
}
