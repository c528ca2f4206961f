/** Parses the output of `iptables-save -t filter`. Pure. */

import { splitWords } from "../path/words.js";

export interface Rule {
	/** The words after `-A CHAIN`, without quotes. */
	readonly words: readonly string[];
	/** The line as listed. */
	readonly text: string;
}

export interface Chain {
	readonly name: string;
	/** ACCEPT or DROP; undefined for user-defined chains. */
	readonly policy: string | undefined;
	readonly rules: readonly Rule[];
}

export type FilterTable = ReadonlyMap<string, Chain>;

/** The chains of the filter table; empty when the kernel has no such table. */
export function parseSave(text: string): FilterTable {
	const chains = new Map<string, { name: string; policy: string | undefined; rules: Rule[] }>();
	let inFilter = false;
	for (const line of text.split("\n")) {
		if (line.startsWith("*")) {
			inFilter = line.trim() === "*filter";
		}
		if (!inFilter) {
			continue;
		}
		if (line.startsWith(":")) {
			const [name = "", policy = "-"] = line.slice(1).split(" ");
			chains.set(name, { name, policy: policy === "-" ? undefined : policy, rules: [] });
		} else if (line.startsWith("-A ")) {
			const [, name = "", ...words] = splitWords(line);
			chains.get(name)?.rules.push({ words, text: line });
		}
	}
	return chains;
}

/** The word after `option`, such as the target after `-j`. */
export function wordAfter(rule: Rule, option: string): string | undefined {
	const at = rule.words.indexOf(option);
	return at < 0 ? undefined : rule.words[at + 1];
}

export function commentOf(rule: Rule): string | undefined {
	return wordAfter(rule, "--comment");
}

/** The chain or verdict that a rule jumps to, by `-j` or `-g`. */
export function targetOf(rule: Rule): string | undefined {
	return wordAfter(rule, "-j") ?? wordAfter(rule, "-g");
}
