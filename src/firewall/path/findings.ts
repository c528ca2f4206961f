/** What a reading of the host's rules found amiss, beside the rules themselves. */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { CommandError } from "../../system/errors.js";
import { opaqueRules } from "./opaque.js";
import type { BaseChain } from "./rules.js";

export interface Fact {
	readonly code:
		| "tool-missing"
		| "tool-failed"
		/** nft was built without JSON, or prints none for a table. */
		| "no-json"
		| "not-in-kernel"
		/** Something that only root may read. */
		| "not-permitted"
		/** iptables-save and nft list different rules for one table: iptables must not touch it. */
		| "listings-disagree";
	readonly sentence: string;
	/** The table concerned, as nft names it, such as `ip filter`; undefined for more than one. */
	readonly table?: string;
}

/** Rules that could not be read. */
export interface Unread {
	readonly what: string;
	readonly why: string;
	/** They are there, or something shows that they may be: rules of unknown outcome stand for them. */
	readonly counts: boolean;
}

/** What a command printed, or why it did not. */
export type Attempt = { readonly stdout: string } | { readonly failure: string };

/** Of a tool whose kernel has nothing for it: no nf_tables, no such family. */
const NOT_IN_KERNEL =
	/Protocol not supported|Address family not supported|Operation not supported|cache initialization failed: Invalid argument/;

export class Findings {
	readonly facts: Fact[] = [];
	readonly unread: Unread[] = [];

	add(code: Fact["code"], sentence: string, table?: string): void {
		if (this.facts.some((fact) => fact.sentence === sentence)) {
			return;
		}
		this.facts.push(table === undefined ? { code, sentence } : { code, sentence, table });
	}

	/** Rules that stand for those that cannot be read. */
	opaque(what: string, why: string, table: string, family?: Family): BaseChain[] {
		this.unread.push({ what, why, counts: true });
		return opaqueRules(table, why, family && [family]);
	}

	/** True where the kernel has no rules for the tool to list, false where it may have some. */
	explains(failure: string): boolean {
		const absent = NOT_IN_KERNEL.test(failure);
		this.add(absent ? "not-in-kernel" : "tool-failed", failure);
		return absent;
	}
}

export async function attempt(commands: Commands, tool: string, ...args: string[]): Promise<Attempt> {
	try {
		return await commands.run(tool, args);
	} catch (error) {
		if (error instanceof CommandError) {
			return { failure: error.message };
		}
		throw error;
	}
}
