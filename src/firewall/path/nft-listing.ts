/** Reads what `nft -j -t list ruleset` and `nft -t -a list ruleset` print. Pure. */

type Json = Readonly<Record<string, unknown>>;

export interface NftTable {
	readonly family: string;
	readonly name: string;
	readonly flags: readonly string[];
	readonly chains: readonly NftChain[];
	/** Which of its named look-up tables are maps. */
	readonly maps: ReadonlySet<string>;
}

export interface NftChain {
	readonly name: string;
	readonly hook: string | undefined;
	readonly type: string | undefined;
	readonly priority: number;
	readonly policy: string | undefined;
	readonly devices: readonly string[];
	readonly rules: readonly NftRule[];
}

export interface NftRule {
	/** As nft prints it for people. */
	readonly text: string;
	readonly statements: readonly unknown[];
	readonly comment: string | undefined;
}

/**
 * Tables in the order of the listing.
 * @param plain the same rules as nft prints them for people
 * @throws SyntaxError where `json` is none, TypeError where it has another form than the manual describes
 */
export function parseListing(json: string, plain: string): NftTable[] {
	const texts = textsIn(plain);
	const tables = new Map<string, NftTable & { chains: NftChain[]; maps: Set<string> }>();
	const chains = new Map<string, NftChain & { rules: NftRule[] }>();
	for (const entry of entriesOf(json)) {
		const [kind = "", of] = Object.entries(entry)[0] ?? [];
		const item = of as Json;
		const table = tables.get(`${item.family} ${item.table}`);
		const chainOf = (name: unknown) => `${item.family} ${item.table} ${name}`;
		if (kind === "table") tables.set(`${item.family} ${item.name}`, readTable(item));
		if (kind === "map") table?.maps.add(String(item.name));
		if (kind === "chain") {
			const chain = readChain(item);
			chains.set(chainOf(item.name), chain);
			table?.chains.push(chain);
		}
		if (kind === "rule") {
			const text = texts.get(`${item.family} ${item.table} ${item.handle}`);
			chains.get(chainOf(item.chain))?.rules.push(readRule(item, text));
		}
	}
	return [...tables.values()];
}

/** The elements that `nft -j list set` or `nft -j list map` prints; an element of a map with what it maps to. */
export function parseElements(json: string): readonly unknown[] {
	for (const { set, map } of entriesOf(json) as { set?: Json; map?: Json }[]) {
		const elements = (set ?? map)?.elem;
		if (Array.isArray(elements)) return elements;
	}
	return [];
}

function entriesOf(json: string): readonly Json[] {
	const { nftables } = JSON.parse(json) as { nftables?: unknown };
	if (Array.isArray(nftables)) return nftables;
	throw new TypeError("nft printed JSON of another form than its manual describes.");
}

function readTable({ family, name, flags }: Json): NftTable & { chains: NftChain[]; maps: Set<string> } {
	return { family: String(family), name: String(name), flags: words(flags), chains: [], maps: new Set() };
}

function readChain({ name, hook, type, prio, policy, dev }: Json): NftChain & { rules: NftRule[] } {
	return {
		name: String(name),
		hook: optional(hook),
		type: optional(type),
		priority: Number(prio ?? 0),
		policy: optional(policy),
		devices: words(dev),
		rules: [],
	};
}

function readRule({ expr, comment, handle }: Json, text: string | undefined): NftRule {
	return {
		text: text ?? `rule with handle ${handle}`,
		statements: Array.isArray(expr) ? expr : [],
		comment: optional(comment),
	};
}

function optional(value: unknown): string | undefined {
	return value === undefined || value === null ? undefined : String(value);
}

/** nft prints one word or a list of them. */
function words(value: unknown): string[] {
	return value === undefined || value === null ? [] : [value].flat().map(String);
}

/** What nft prints for people, as far as it can be told without knowing its language. */
export interface PlainTable {
	readonly family: string;
	readonly name: string;
	readonly dormant: boolean;
	readonly chains: readonly PlainChain[];
}

export interface PlainChain {
	readonly name: string;
	readonly hook: string | undefined;
	readonly policy: string | undefined;
	readonly rules: readonly { readonly handle: string; readonly text: string }[];
}

const TABLE = /^table (\S+) (\S+) \{/;
const CHAIN = /^\tchain (\S+) \{/;
const HOOK = /^\t\ttype \S+ hook (\S+) .*?(?:policy (\w+);)?$/;
const RULE = /^\t\t(.*) # handle (\d+)$/;

export function parsePlain(plain: string): PlainTable[] {
	const tables: { family: string; name: string; dormant: boolean; chains: PlainChain[] }[] = [];
	let chain:
		| { name: string; hook?: string; policy?: string; rules: PlainChain["rules"][number][] }
		| undefined;
	for (const line of plain.split("\n")) {
		const table = TABLE.exec(line);
		if (table) tables.push({ family: table[1] ?? "", name: table[2] ?? "", dormant: false, chains: [] });
		const last = tables.at(-1);
		if (/^\tflags .*\bdormant\b/.test(line) && last !== undefined) last.dormant = true;
		const named = CHAIN.exec(line);
		if (named) {
			chain = { name: named[1] ?? "", rules: [] };
			last?.chains.push(chain as PlainChain);
		}
		if (line === "\t}") chain = undefined;
		const [, hook, policy] = HOOK.exec(line) ?? [];
		if (hook !== undefined && chain !== undefined && chain.rules.length === 0) {
			chain.hook = hook;
			if (policy !== undefined) chain.policy = policy;
			continue;
		}
		const [, text = "", handle] = RULE.exec(line) ?? [];
		if (handle !== undefined) chain?.rules.push({ handle, text });
	}
	return tables;
}

function textsIn(plain: string): Map<string, string> {
	return new Map(
		parsePlain(plain).flatMap(({ family, name, chains }) =>
			chains.flatMap(({ rules }) =>
				rules.map(({ handle, text }): [string, string] => [`${family} ${name} ${handle}`, text]),
			),
		),
	);
}
