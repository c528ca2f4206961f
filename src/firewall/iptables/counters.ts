/** What our rules have counted, as `iptables-save -c` prints it. Pure. */

import type { Family } from "../../system/addresses.js";
import { openingKey } from "../opening.js";
import { CHAIN, readAcceptRule } from "./rule.js";
import { parseSave } from "./save.js";

const COUNTED = /^\[(\d+):\d+\] (-A .*)$/;

/** Datagrams that each opening's rule let in, by its key. */
export function countersIn(text: string, family: Family): Map<string, number> {
	const packets = new Map<string, number>();
	const plain = text.split("\n").map((line) => {
		const [, count, rule] = COUNTED.exec(line) ?? [];
		if (rule === undefined) {
			return line;
		}
		packets.set(rule, Number(count));
		return rule;
	});
	const rules = parseSave(plain.join("\n")).get(CHAIN)?.rules ?? [];
	return new Map(
		rules.flatMap((rule) => {
			const opening = readAcceptRule(rule, family);
			const count = packets.get(rule.text);
			return opening === undefined || count === undefined ? [] : [[openingKey(opening), count] as const];
		}),
	);
}
