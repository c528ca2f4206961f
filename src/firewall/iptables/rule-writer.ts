/**
 * Changes what is ours in the filter tables, by whichever way is certain to do what is meant with the table as it is: by the kernel's own
 * messages, by iptables-restore, or by nft.
 */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import type { Netlink } from "../../system/netlink.js";
import { FirewallError } from "../errors.js";
import type { Opening } from "../firewall.js";
import { without } from "../opening.js";
import type { InsertionPoint } from "./insertion-point.js";
import type { Inspection } from "./inspect.js";
import { KernelRules } from "./kernel-rules.js";
import { closeNative, listNative, openNative, rebuildNative, removeNative } from "./native.js";
import { compareFilterTable } from "./owned-tables.js";
import { appendScript, deleteScript, rebuildScript, removeScript } from "./script.js";
import { tool, type Variant } from "./variant.js";

/** Seconds to wait for another x_tables command to release the lock; iptables over nf_tables ignores the option. */
const LOCK_WAIT_S = "5";

export interface RuleWriterOptions {
	/** Of the firewall, for people. */
	readonly name: string;
	readonly commands: Commands;
	/** Changes rules without a command. */
	readonly netlink?: Netlink | undefined;
	/** Told when rules were changed without a command. */
	readonly rulesChanged?: (() => void) | undefined;
}

/** What there is of ours in one table, and where it belongs; `point` is undefined where this firewall offers no insertion point. */
export interface Placed extends Inspection {
	readonly family: Family;
	readonly point: InsertionPoint | undefined;
}

export class RuleWriter {
	readonly #name: string;
	readonly #commands: Commands;
	readonly #kernelRules: KernelRules | undefined;
	readonly #untrusted = new Map<Family, FirewallError>();
	/** iptables fetches what is in sets for nearly all that it does, nft for nothing of this. */
	readonly #withSets = new Set<Family>();
	/** iptables prints chains of these all the same. */
	readonly #absent = new Set<Family>();

	constructor({ name, commands, netlink, rulesChanged }: RuleWriterOptions) {
		this.#name = name;
		this.#commands = commands;
		this.#kernelRules = netlink && new KernelRules({ netlink, commands, rulesChanged });
	}

	/** Families whose table iptables did not print as it was when they were compared: nothing is inserted there. */
	get untrusted(): ReadonlyMap<Family, FirewallError> {
		return this.#untrusted;
	}

	/** Whether the family's table had sets. */
	hasSets(family: Family): boolean {
		return this.#withSets.has(family);
	}

	/** Whether the family had no table: none is made for our sake. */
	isAbsent(family: Family): boolean {
		return this.#absent.has(family);
	}

	/** Holds what iptables prints of a table against what nft does. */
	async compare(family: Family, variant: Variant): Promise<void> {
		this.#untrusted.delete(family);
		this.#absent.delete(family);
		this.#withSets.delete(family);
		if (variant === "legacy") {
			return;
		}
		const compared = await compareFilterTable(this.#commands, family);
		if (compared.kind === "absent") {
			this.#absent.add(family);
		}
		if (compared.kind === "same" && compared.hasSets) {
			this.#withSets.add(family);
		}
		if (compared.kind !== "different") {
			return;
		}
		const message = `Nothing is opened in the ${family} rules of ${this.#name}: ${compared.reason}`;
		this.#untrusted.set(family, new FirewallError("owned-by-other", message));
	}

	/** Until the tables are compared again. */
	trustAll(): void {
		this.#untrusted.clear();
	}

	/** Of a table that iptables does not print as it is; undefined where nft cannot tell either. */
	async listUntrusted(family: Family, variant: Variant): Promise<Opening[] | undefined> {
		if (variant !== "nft") {
			return undefined;
		}
		return listNative(this.#commands, family).catch((error: unknown) => {
			if (error instanceof FirewallError) {
				return undefined;
			}
			throw error;
		});
	}

	/** @throws FirewallError, if none of them was opened */
	async open(openings: readonly Opening[], family: Family, variant: Variant): Promise<void> {
		if (await this.#kernelFor(family, variant)?.open(family, openings)) {
			return;
		}
		if (this.#withSets.has(family)) {
			await openNative(this.#commands, family, openings);
		} else {
			await this.#restore(family, variant, appendScript(openings));
		}
	}

	/** @throws FirewallError, also if one was gone already */
	async close(openings: readonly Opening[], family: Family, variant: Variant): Promise<void> {
		if (await this.#kernelFor(family, variant)?.close(family, openings)) {
			return;
		}
		const isUntrusted = this.#untrusted.has(family);
		const deleted =
			isUntrusted || this.#withSets.has(family) ? await closeNative(this.#commands, family, openings) : [];
		const left = without(openings, deleted);
		if (left.length > 0 && !isUntrusted) {
			await this.#restore(family, variant, deleteScript(left));
		}
	}

	/** The same of those that a listing shows. */
	async closeListed(openings: readonly Opening[], family: Family, variant: Variant): Promise<void> {
		if (openings.length > 0) {
			await this.#restore(family, variant, deleteScript(openings));
		}
	}

	/** As far as nft finds them, in a table that iptables does not print as it is. */
	async closeUntrusted(openings: readonly Opening[], family: Family): Promise<void> {
		await closeNative(this.#commands, family, openings);
	}

	/** Makes the chain anew, with the openings it has, and places the jump to it; where there is no point for that, removes both. */
	async rebuild(placed: Placed, variant: Variant): Promise<void> {
		const { family, openings, point } = placed;
		if (!this.#withSets.has(family)) {
			await this.#restore(family, variant, repairScript(placed));
		} else if (point === undefined) {
			await removeNative(this.#commands, family);
		} else {
			await rebuildNative(this.#commands, family, openings, point);
		}
	}

	/** Removes all that is ours, by nft where that sees what iptables does not show. */
	async takeBack(family: Family, variant: Variant): Promise<void> {
		if (variant === "nft") {
			await removeNative(this.#commands, family);
		}
	}

	/** By iptables, as inspected. */
	async remove({ strayRules, chainExists }: Inspection, family: Family, variant: Variant): Promise<void> {
		await this.#restore(family, variant, removeScript(strayRules, chainExists));
	}

	/** Undefined where rules are for commands to change. Beside sets, iptables takes too long to learn from. */
	#kernelFor(family: Family, variant: Variant): KernelRules | undefined {
		const isPlain = variant === "nft" && !this.#withSets.has(family) && !this.#untrusted.has(family);
		return isPlain ? this.#kernelRules : undefined;
	}

	async #restore(family: Family, variant: Variant, script: string): Promise<void> {
		await this.#commands.run(tool(family, variant, "restore"), ["--noflush", "-w", LOCK_WAIT_S], {
			input: script,
			prestart: this.#kernelFor(family, variant) === undefined,
		});
	}
}

/** Without an insertion point, a jump left over from earlier would be in the wrong position. */
function repairScript({ point, openings, strayRules, chainExists }: Placed): string {
	return point === undefined
		? removeScript(strayRules, chainExists)
		: rebuildScript(openings, strayRules, point);
}
