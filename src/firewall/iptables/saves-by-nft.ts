/**
 * Commands by which nft answers for iptables-save where a table holds sets of nftables. iptables fetches all that is in them before
 * it prints a rule, with 300,000 addresses for 5 s, and a table whose rules ask such sets it cannot print anyway.
 */

import type { Output, RunOptions } from "../../system/commands.js";
import { CommandError } from "../../system/errors.js";
import { ForwardingCommands } from "../../system/forwarding-commands.js";
import { TAG } from "../opening.js";
import { asksNamedSets } from "../path/iptables-pairs.js";
import { type NftTable, parseListing } from "../path/nft-listing.js";
import { parsePlain } from "../path/nft-plain.js";
import { savedByNft } from "../path/saved-by-nft.js";
import { CHAIN } from "./rule.js";

const FAMILY_OF: Readonly<Record<string, string>> = {
	"iptables-nft-save": "ip",
	"ip6tables-nft-save": "ip6",
};

export class SavesByNft extends ForwardingCommands {
	/** Which tables have sets, as last read: what has changed since costs time, not truth. */
	#withSets: Promise<ReadonlySet<string>> | undefined;

	override async run(tool: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
		const family = FAMILY_OF[tool];
		const [option, name = "", ...more] = args;
		const stdout =
			family !== undefined && option === "-t" && more.length === 0
				? await this.#saved(family, name, options)
				: undefined;
		return stdout === undefined ? this.others.run(tool, args, options) : { stdout, stderr: "", exitCode: 0 };
	}

	/** Others have changed rules. */
	forget(): void {
		this.#withSets = undefined;
	}

	/** Undefined where iptables is to be asked. */
	async #saved(family: string, name: string, options: RunOptions): Promise<string | undefined> {
		if ((await this.others.find("nft")) === undefined) {
			return undefined;
		}
		try {
			this.#withSets ??= this.#readWithSets(options);
			if (!(await this.#withSets).has(`${family} ${name}`)) {
				return undefined;
			}
			const [json, plain] = await Promise.all(
				["-j", "-a"].map((form) => this.others.run("nft", ["-t", form, "list", "ruleset"], options)),
			);
			const table = parseListing(json?.stdout ?? "", parsePlain(plain?.stdout ?? "")).find(
				(one) => one.family === family && one.name === name,
			);
			return table && saved(table);
		} catch (error) {
			this.forget();
			// Without JSON too.
			if (error instanceof CommandError || error instanceof SyntaxError || error instanceof TypeError) {
				return undefined;
			}
			throw error;
		}
	}

	async #readWithSets(options: RunOptions): Promise<ReadonlySet<string>> {
		const { stdout } = await this.others.run("nft", ["-t", "list sets; list maps"], options);
		return tablesWithSets(stdout);
	}
}

function saved(table: NftTable): string | undefined {
	return asksNamedSets(table)
		? `# Table \`${table.name}' is incompatible, use 'nft' tool.\n`
		: savedByNft(table)?.replace(OURS, `$1 -m comment --comment ${TAG} $2`);
}

/** Rules that only we write, as nft shows them where iptables was given their comment: without it. */
const OURS = new RegExp(
	`^((?!.* --comment )(?:-A ${CHAIN} .*(?= -j ACCEPT$)|-A .*(?= -j ${CHAIN}$))) (-j .*)$`,
	"gm",
);

/** Of `nft -t list sets`, names such as `ip filter`. Pure. */
export function tablesWithSets(listing: string): ReadonlySet<string> {
	const found = new Set<string>();
	let table = "";
	for (const line of listing.split("\n")) {
		table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
		if (/^\t(set|map) /.test(line)) {
			found.add(table);
		}
	}
	return found;
}
