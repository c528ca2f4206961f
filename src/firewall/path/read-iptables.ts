/** Reads what iptables keeps: in tables of its own, and, in its newer form, in those of nf_tables. */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { attempt, type Findings } from "./findings.js";
import { iptablesBaseChains, parseSaved, type SavedTable } from "./iptables-rules.js";
import { readLegacyNames } from "./legacy-names.js";
import type { Memberships } from "./memberships.js";
import type { BaseChain, IsOurs } from "./rules.js";

export type Variant = "nft" | "legacy";

const PREFIX: Record<Family, string> = { ipv4: "iptables", ipv6: "ip6tables" };

/** How people call the tool. */
export function toolName(family: Family, variant: Variant = "nft"): string {
	return variant === "nft" ? PREFIX[family] : `${PREFIX[family]}-legacy`;
}

/** What iptables-save says of a table that holds what it has no words for. */
const INCOMPATIBLE = /^# Table `(\S+)' is incompatible/gm;

export interface Saved {
	readonly tables: readonly SavedTable[];
	/** Of which it says that it cannot print them. */
	readonly unprintable: readonly string[];
}

export class IptablesReading {
	readonly #commands: Commands;
	readonly #findings: Findings;
	readonly #memberships: Memberships;
	readonly #isOurs: IsOurs;

	constructor(commands: Commands, findings: Findings, memberships: Memberships, isOurs: IsOurs) {
		this.#commands = commands;
		this.#findings = findings;
		this.#memberships = memberships;
		this.#isOurs = isOurs;
	}

	/** The tables of x_tables, which are apart from those of nf_tables. @param net the folder of /proc that names them */
	async legacy(family: Family, net: string): Promise<BaseChain[]> {
		const name = toolName(family, "legacy");
		const found = await readLegacyNames(family, net);
		if ("unreadable" in found) {
			const sentence = `Only root can see whether ${name} has rules here; a restart of the service lets the guard see it.`;
			this.#findings.add("not-permitted", sentence);
			return this.#findings.opaque(`the tables of ${name}`, sentence, name, family);
		}
		if (found.names.length === 0) {
			return [];
		}
		const what = `the tables of ${name}: ${found.names.join(", ")}`;
		const tool = await this.#toolFor(family, "legacy");
		if (tool === undefined) {
			const sentence = `The kernel has ${what}; no installed command lists them.`;
			this.#findings.add("tool-missing", sentence);
			return this.#findings.opaque(what, sentence, name, family);
		}
		// Without -t it lists only tables that exist; with it, it would create them.
		const saved = await attempt(this.#commands, tool);
		if ("stdout" in saved) {
			return this.chains(await this.parse(saved.stdout), family, "legacy");
		}
		this.#findings.explains(saved.failure);
		return this.#findings.opaque(what, saved.failure, name, family);
	}

	/**
	 * What iptables prints of its tables in nf_tables.
	 * @param table one that is there; without it all
	 */
	async overNft(family: Family, table?: string): Promise<Saved> {
		const tool = await this.#toolFor(family, "nft");
		if (tool === undefined) {
			this.#findings.add("tool-missing", `The command ${PREFIX[family]}-nft-save is not installed.`);
			return { tables: [], unprintable: [] };
		}
		const args = table === undefined ? [] : ["-t", table];
		const saved = await attempt(this.#commands, tool, ...args);
		if ("stdout" in saved) {
			return this.parse(saved.stdout);
		}
		this.#findings.explains(saved.failure);
		return { tables: [], unprintable: [] };
	}

	/** Of tables that there is no other listing of. */
	chains({ tables, unprintable }: Saved, family: Family, variant: Variant = "nft"): BaseChain[] {
		const name = toolName(family, variant);
		return [
			...iptablesBaseChains(tables, family, name, this.#memberships.ipsets, this.#isOurs),
			...unprintable.flatMap((table) => {
				const why = `${name}-save does not print table ${table}: it is incompatible.`;
				return this.#findings.opaque(`table ${table}`, why, `${name} ${table}`, family);
			}),
		];
	}

	/** What iptables-save prints. */
	async parse(text: string): Promise<Saved> {
		if (text.includes(" --match-set ")) {
			await this.#memberships.readTypes();
		}
		return {
			tables: parseSaved(text),
			unprintable: [...text.matchAll(INCOMPATIBLE)].map(([, table = ""]) => table),
		};
	}

	/** Named after its variant, or, where there is but one, plain. */
	async #toolFor(family: Family, variant: Variant): Promise<string | undefined> {
		const named = `${PREFIX[family]}-${variant}-save`;
		if ((await this.#commands.find(named)) !== undefined) {
			return named;
		}
		const plain = `${PREFIX[family]}-save`;
		if ((await this.#commands.find(plain)) === undefined) {
			return undefined;
		}
		const version = await attempt(this.#commands, plain, "-V");
		const isOverNft = "stdout" in version && version.stdout.includes("nf_tables");
		return isOverNft === (variant === "nft") ? plain : undefined;
	}
}
