/** Reads what `nft -t -a list ruleset` prints for people, as far as that can be told without knowing its language. Pure. */

export interface PlainTable {
	readonly family: string;
	readonly name: string;
	readonly dormant: boolean;
	readonly chains: readonly PlainChain[];
}

export interface PlainChain {
	readonly name: string;
	readonly hook: string | undefined;
	/** Of an ingress or egress chain: the interfaces it stands at. */
	readonly devices: readonly string[];
	readonly policy: string | undefined;
	readonly rules: readonly PlainRule[];
}

export interface PlainRule {
	readonly handle: string;
	/** Without its handle. */
	readonly text: string;
}

const TABLE = /^table (\S+) (\S+) \{/;
const CHAIN = /^\tchain (\S+) \{/;
const HOOK = /^\t\ttype \S+ hook (\S+) (?:devices? (?:= \{ )?(.*?)(?: \})? )?priority .*?(?:policy (\w+);)?$/;
const RULE = /^\t\t(.*) # handle (\d+)$/;

export function parsePlain(text: string): PlainTable[] {
	const tables: (PlainTable & { dormant: boolean; chains: PlainChain[] })[] = [];
	let lines: string[] = [];
	for (const line of text.split("\n")) {
		const [, family = "", name] = TABLE.exec(line) ?? [];
		if (name !== undefined) {
			tables.push({ family, name, dormant: false, chains: [] });
		}
		const table = tables.at(-1);
		if (table !== undefined && /^\tflags .*\bdormant\b/.test(line)) {
			table.dormant = true;
		}
		lines.push(line);
		if (CHAIN.test(line)) {
			lines = [line];
		}
		if (line === "\t}") {
			table?.chains.push(...readChain(lines));
			lines = [];
		}
	}
	return tables;
}

/** @param lines from the one that names it to its closing brace; of a set, there is none to read */
function readChain(lines: readonly string[]): PlainChain[] {
	const [first = "", ...rest] = lines;
	const name = CHAIN.exec(first)?.[1];
	if (name === undefined) {
		return [];
	}
	// A chain may have a comment before its hook; a rule cannot look like one, since it ends in its handle.
	const head = rest.map((line) => HOOK.exec(line)).find((found) => found !== null);
	const [, hook, devices, policy] = head ?? [];
	let opening = "";
	const rules = rest.flatMap((line): PlainRule[] => {
		opening = /^\t\t(\S.* \{)$/.exec(line)?.[1] ?? opening;
		const [, text = "", handle] = RULE.exec(line) ?? [];
		// A chain without a name ends with its rule.
		return handle === undefined ? [] : [{ handle, text: text === "}" ? `${opening} … }` : text }];
	});
	return [{ name, hook, devices: devices?.replaceAll('"', "").split(", ") ?? [], policy, rules }];
}
