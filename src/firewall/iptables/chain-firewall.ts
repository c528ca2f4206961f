/**
 * A firewall backend that owns one chain of the filter table, for plain iptables and ufw alike. They differ in where the jump
 * to the chain is inserted (`FindInsertionPoint`) and in how the active tables are recognised.
 *
 * Over nf_tables the kernel is asked directly where that is certain to do the same (`RuleWriter`). Nothing is written to disk: after
 * a reboot no port is open.
 */

import type { Family } from "../../system/addresses.js";
import { FAMILIES } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import type { Netlink } from "../../system/netlink.js";
import { SerialQueue } from "../../system/serial-queue.js";
import { attemptAll, FirewallError } from "../errors.js";
import type { Firewall, FirewallChange, FirewallName, Opening, Watch } from "../firewall.js";
import { checkOpening, distinct, openingKey, without } from "../opening.js";
import type { Interfaces, ReadInterfaces } from "../placement.js";
import { countersIn } from "./counters.js";
import { type FindInsertionPoint, foreignRules } from "./insertion-point.js";
import { inspect } from "./inspect.js";
import { countNative, removeNative } from "./native.js";
import { CHAIN } from "./rule.js";
import { type Placed, RuleWriter } from "./rule-writer.js";
import type { FilterTable } from "./save.js";
import {
	type Failures,
	readAllTables,
	readFilterTable,
	readTables,
	type Tables,
	type TablesByVariant,
	throwFailures,
	tool,
	VARIANTS,
	type Variant,
} from "./variant.js";
import { watchFilterTable } from "./watch.js";

/** Another program may change the rules between a read and a write, but hardly three times in a row. */
const ATTEMPTS = 3;

export interface ChainFirewallOptions {
	readonly name: FirewallName;
	readonly commands: Commands;
	readonly insertionPoint: Record<Family, FindInsertionPoint>;
	/** Whether this firewall's rules are in these tables. */
	readonly inForce: (tables: Tables, interfaces: Interfaces) => boolean;
	/** Selects the iptables variant to use. @throws FirewallError `not-in-force` or `ambiguous` */
	readonly choose: (tables: TablesByVariant, current: Variant | undefined, interfaces: Interfaces) => Variant;
	/** The interfaces that new sessions come in by. */
	readonly interfaces?: ReadInterfaces | undefined;
	/** Told when rules were changed by others, before whoever watches them, or by us without a command. */
	readonly rulesChanged?: (() => void) | undefined;
	/** Milliseconds between two polls where the kernel reports no events (iptables-legacy). */
	readonly pollMs?: number | undefined;
	/** Changes rules without a command, and tells whether every change was reported. */
	readonly netlink?: Netlink | undefined;
}

/** One family's table as inspected. */
interface View extends Placed {
	/** Why nothing of ours may be in the table although it drops. */
	readonly obstacle: FirewallError | undefined;
}

export class ChainFirewall implements Firewall {
	readonly name: FirewallName;
	readonly #commands: Commands;
	readonly #options: ChainFirewallOptions;
	readonly #serial = new SerialQueue();
	readonly #writer: RuleWriter;
	/** Keys of the openings the chain held when last read or changed; any other opening can be appended without a read. */
	#known = new Set<string>();
	/** Openings of a family that this firewall does not filter (ufw with IPV6=no), so there is no insertion point. */
	readonly #unplaceable = new Map<string, Opening>();
	#variant: Variant | undefined;
	/** The rules that are not ours when `watch` last looked, by family. */
	readonly #foreign = new Map<Family, string>();
	/** Families whose table that variant has listed. */
	readonly #listed = new Set<Family>();
	#interfaces: Interfaces = {};

	constructor(options: ChainFirewallOptions) {
		this.name = options.name;
		this.#commands = options.commands;
		this.#options = options;
		this.#writer = new RuleWriter(options);
	}

	repair(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			const { variant, tables, failures } = await this.#survey();
			const served: Opening[] = [];
			let known: number = FAMILIES.length;
			const each = FAMILIES.map((family) => async () => {
				try {
					await this.#writer.compare(family, variant);
					const failure = failures[family];
					if (failure !== undefined) {
						throw failure;
					}
					const view = this.#view(family, tables[family]);
					served.push(...(await this.#repairFamily(view, variant)));
				} catch (error) {
					const there = await this.#writer.listUntrusted(family, variant);
					if (there === undefined) {
						known -= 1;
					}
					served.push(...(there ?? []));
					throw error;
				}
			});
			await attemptAll(each).catch((error: unknown) => {
				// The other family is served all the same, and what is open in this one can be closed.
				throw error instanceof FirewallError && known > 0
					? new FirewallError(error.code, error.message, { cause: error.cause, served })
					: error;
			});
			return served;
		});
	}

	/** Rules of ours do not end by themselves. What x_tables holds, and what iptables does not print as it is, is in no count. */
	renew(): Promise<boolean> {
		return this.#serial.run(
			async () => (await this.#currentVariant()) === "nft" && this.#writer.untrusted.size === 0,
		);
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			const variant = await this.#currentVariant();
			const inspections = await Promise.all(FAMILIES.map((family) => this.#inspect(family, variant)));
			this.#known = new Set(inspections.flatMap(({ openings }) => openings.map(openingKey)));
			const native = await Promise.all(
				[...this.#writer.untrusted.keys()].map(
					async (family) => (await this.#writer.listUntrusted(family, variant)) ?? [],
				),
			);
			return [
				...inspections.flatMap(({ reached, openings }) => (reached ? openings : [])),
				...native.flat(),
				...this.#unplaceable.values(),
			];
		});
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) {
				checkOpening(opening);
			}
			const variant = await this.#currentVariant();
			await attemptAll([
				...FAMILIES.map((family) => () => this.#open(ofFamily(open, family), family, variant)),
				...FAMILIES.map((family) => () => this.#close(ofFamily(close, family), family, variant)),
			]);
		});
	}

	counted(openings: readonly Opening[]): Promise<ReadonlyMap<string, number>> {
		return this.#serial.run(async () => {
			const variant = await this.#currentVariant();
			const wanted = new Set(openings.map(openingKey));
			const families = FAMILIES.filter((family) => ofFamily(openings, family).length > 0);
			const found = await Promise.all(
				families.map(async (family) => {
					if (this.#writer.untrusted.has(family)) {
						return [];
					}
					if (this.#writer.hasSets(family)) {
						return [...(await countNative(this.#commands, family))];
					}
					const args = variant === "legacy" ? ["-c"] : ["-t", "filter", "-c"];
					const { stdout } = await this.#commands.run(tool(family, variant, "save"), args);
					return [...countersIn(stdout, family)];
				}),
			);
			return new Map(found.flat().filter(([key]) => wanted.has(key)));
		});
	}

	/** In both variants, because the host may have been switched from one to the other. */
	clear(): Promise<void> {
		return this.#serial.run(async () => {
			this.#known.clear();
			this.#unplaceable.clear();
			this.#writer.trustAll();
			// nft finds and deletes also what iptables cannot print, and does not fetch what is in sets: with 300,000 addresses that
			// takes iptables 5 s a command.
			const isDone = await removeNative(this.#commands).catch(() => false);
			const variants: readonly Variant[] = isDone ? ["legacy"] : VARIANTS;
			const tables = await readAllTables(this.#commands, variants);
			let wasThere = false;
			const steps = variants.flatMap((variant) =>
				FAMILIES.map((family) => async () => {
					const table = tables[variant]?.[family];
					if (table === undefined) {
						return;
					}
					const found = inspect(table, family, undefined);
					if (found.strayRules.length === 0 && !found.chainExists) {
						return;
					}
					wasThere = true;
					await this.#writer.remove(found, family, variant);
				}),
			);
			const failure = await attemptAll(steps).catch((error: unknown) => error);
			if (!isDone) {
				await removeNative(this.#commands);
			}
			throwFailures(tables);
			if (wasThere && (await this.#isLeft(variants))) {
				throw (
					failure ??
					new FirewallError("tool-failed", `Rules of the guard are left in the tables of ${this.name}.`)
				);
			}
		});
	}

	async watch(listener: (cause: string) => void, elsewhere?: (cause: string) => void): Promise<Watch> {
		const isUnchanged = () =>
			this.#serial.run(async () => {
				if (this.#writer.untrusted.size > 0) {
					return false;
				}
				const { tables, failures } = await readTables(
					this.#commands,
					await this.#currentVariant(),
					this.#listed,
				);
				const unchanged = FAMILIES.filter(
					(family) => failures[family] === undefined && this.#isUnchanged(family, tables[family]),
				);
				return unchanged.length === FAMILIES.length;
			});
		const variant = await this.#currentVariant();
		const told = (tell: (cause: string) => void) => (cause: string) => {
			this.#options.rulesChanged?.();
			tell(cause);
		};
		return watchFilterTable(this.#commands, variant, {
			listener: told(listener),
			elsewhere: elsewhere && told(elsewhere),
			isUnchanged,
			pollMs: this.#options.pollMs,
			netlink: this.#options.netlink,
		});
	}

	async #isLeft(variants: readonly Variant[]): Promise<boolean> {
		const tables = await readAllTables(this.#commands, variants);
		throwFailures(tables);
		return variants.some((variant) =>
			FAMILIES.some((family) => {
				const table = tables[variant]?.[family];
				const found = table && inspect(table, family, undefined);
				return found !== undefined && (found.chainExists || found.strayRules.length > 0);
			}),
		);
	}

	#isUnchanged(family: Family, table: FilterTable): boolean {
		const foreign = [...table.values()]
			.filter(({ name }) => name !== CHAIN)
			.map((chain) => [chain.name, chain.policy, ...foreignRules(chain).map(({ text }) => text)].join("\n"))
			.join("\n");
		const before = this.#foreign.get(family);
		this.#foreign.set(family, foreign);
		if (before !== undefined && before !== foreign) {
			return false;
		}
		const view = this.#view(family, table);
		if (!isIntended(view)) {
			return false;
		}
		if (view.point === undefined) {
			return true;
		}
		const known = [...this.#known].filter((key) => key.startsWith(`${family} `));
		return (
			view.openings.length === known.length &&
			view.openings.every((opening) => this.#known.has(openingKey(opening)))
		);
	}

	#view(family: Family, table: FilterTable): View {
		if (this.#writer.isAbsent(family)) {
			return { family, point: undefined, obstacle: undefined, ...inspect(new Map(), family, undefined) };
		}
		if (table.has("INPUT")) {
			this.#listed.add(family);
		}
		const untrusted = this.#writer.untrusted.get(family);
		if (untrusted !== undefined) {
			return { family, point: undefined, obstacle: untrusted, ...inspect(table, family, undefined) };
		}
		try {
			const point = this.#options.insertionPoint[family](table, { family, interfaces: this.#interfaces });
			return { family, point, obstacle: undefined, ...inspect(table, family, point) };
		} catch (error) {
			if (!(error instanceof FirewallError)) {
				throw error;
			}
			return { family, point: undefined, obstacle: error, ...inspect(table, family, undefined) };
		}
	}

	/** Records which openings a table holds and returns them as `list` would. */
	#learn({ family, point, openings }: View): readonly Opening[] {
		if (point === undefined) {
			this.#remember(family, []);
			return ofFamily([...this.#unplaceable.values()], family);
		}
		this.#forgetUnplaceable(family);
		this.#remember(family, openings);
		return openings;
	}

	/** Returns the openings of the table as read after the last repair: an intact table costs no further command. */
	async #repairFamily(seen: View, variant: Variant): Promise<readonly Opening[]> {
		const { family } = seen;
		let view = seen;
		for (let repairs = 0; ; repairs += 1) {
			const untrusted = this.#writer.untrusted.get(family);
			if (untrusted !== undefined) {
				throw untrusted;
			}
			const openings = this.#learn(view);
			if (isIntended(view)) {
				if (view.obstacle !== undefined) {
					throw view.obstacle;
				}
				return openings;
			}
			if (repairs === ATTEMPTS) {
				await this.#writer.takeBack(family, variant);
				break;
			}
			const inserts = view.point !== undefined;
			await this.#writer.rebuild(view, variant);
			view = await this.#inspect(family, variant);
			if (variant === "nft" && inserts && (!view.chainExists || view.strayRules.length === 0)) {
				// Inserted again, it would only be there once more.
				await this.#writer.takeBack(family, variant);
				throw new FirewallError(
					"tool-failed",
					`The ${family} rules of ${this.name} do not show what was inserted: it was taken back.`,
				);
			}
		}
		throw new FirewallError(
			"tool-failed",
			`The ${family} rules of ${this.name} keep changing: the jump to the guard's chain could not be placed.`,
		);
	}

	async #open(openings: readonly Opening[], family: Family, variant: Variant): Promise<void> {
		let missing = distinct(openings);
		const untrusted = this.#writer.untrusted.get(family);
		if (missing.length > 0 && untrusted !== undefined) {
			throw untrusted;
		}
		if (missing.some((opening) => this.#known.has(openingKey(opening)))) {
			missing = without(missing, (await this.#inspect(family, variant)).openings);
		}
		if (missing.length === 0) {
			return;
		}
		if (this.#writer.isAbsent(family)) {
			this.#addUnplaceable(missing);
			return;
		}
		try {
			await this.#writer.open(missing, family, variant);
		} catch {
			// Most likely another program flushed the table and the chain is gone. A second failure is reported.
			await this.#writer.compare(family, variant);
			await this.#repairFamily(await this.#inspect(family, variant), variant);
			const { openings: present, chainExists } = await this.#inspect(family, variant);
			if (!chainExists) {
				this.#addUnplaceable(missing);
				return;
			}
			await this.#writer.open(without(missing, present), family, variant);
		}
		for (const opening of missing) {
			this.#known.add(openingKey(opening));
		}
	}

	#addUnplaceable(openings: readonly Opening[]): void {
		for (const opening of openings) {
			this.#unplaceable.set(openingKey(opening), opening);
		}
	}

	async #close(openings: readonly Opening[], family: Family, variant: Variant): Promise<void> {
		const unwanted = distinct(openings).filter((opening) => !this.#unplaceable.delete(openingKey(opening)));
		if (unwanted.length === 0) {
			return;
		}
		try {
			await this.#writer.close(unwanted, family, variant);
		} catch {
			await this.#writer.compare(family, variant);
			if (this.#writer.untrusted.has(family)) {
				await this.#writer.closeUntrusted(unwanted, family);
				return;
			}
			// One rule that is already gone fails the whole transaction: read the table and delete what is left.
			const { openings: present } = await this.#inspect(family, variant);
			await this.#writer.closeListed(without(unwanted, without(unwanted, present)), family, variant);
		}
		for (const opening of unwanted) {
			this.#known.delete(openingKey(opening));
		}
	}

	async #inspect(family: Family, variant: Variant): Promise<View> {
		return this.#view(
			family,
			await readFilterTable(this.#commands, family, variant, this.#listed.has(family)),
		);
	}

	async #currentVariant(): Promise<Variant> {
		return this.#variant ?? (await this.#survey()).variant;
	}

	/** Reads both variants only while the known one does not hold the rules. */
	async #survey(): Promise<{ variant: Variant; tables: Tables; failures: Failures }> {
		this.#interfaces = (await this.#options.interfaces?.()) ?? {};
		if (this.#variant !== undefined) {
			const variant = this.#variant;
			for (const family of [...this.#writer.untrusted.keys()]) {
				await this.#writer.compare(family, variant);
			}
			if (this.#writer.untrusted.size > 0) {
				const tables = await this.#trustedTables(variant);
				return { variant, tables, failures: Object.fromEntries(this.#writer.untrusted) };
			}
			const { tables, failures } = await readTables(this.#commands, this.#variant, this.#listed);
			if (this.#options.inForce(tables, this.#interfaces)) {
				return { variant: this.#variant, tables, failures };
			}
		}
		const all = await readAllTables(this.#commands);
		const variant = this.#choose(all);
		if (variant !== this.#variant) {
			this.#listed.clear();
		}
		this.#variant = variant;
		const { failures = {}, ...tables } = all[variant] ?? { ipv4: new Map(), ipv6: new Map() };
		return { variant, tables, failures };
	}

	/** What iptables prints wrongly is not asked for: that may take seconds. */
	async #trustedTables(variant: Variant): Promise<Tables> {
		const [ipv4, ipv6] = await Promise.all(
			FAMILIES.map((family) =>
				this.#writer.untrusted.has(family)
					? new Map()
					: readFilterTable(this.#commands, family, variant, this.#listed.has(family)),
			),
		);
		return { ipv4: ipv4 ?? new Map(), ipv6: ipv6 ?? new Map() };
	}

	#choose(all: TablesByVariant): Variant {
		try {
			return this.#options.choose(all, this.#variant, this.#interfaces);
		} catch (error) {
			// What cannot be read may be what is in force.
			throwFailures(all);
			throw error;
		}
	}

	/** The family has an insertion point now: the next step opens there what is wanted. */
	#forgetUnplaceable(family: Family): void {
		for (const [key, opening] of this.#unplaceable) {
			if (opening.family === family) {
				this.#unplaceable.delete(key);
			}
		}
	}

	#remember(family: Family, openings: readonly Opening[]): void {
		const others = [...this.#known].filter((key) => !key.startsWith(`${family} `));
		this.#known = new Set([...others, ...openings.map(openingKey)]);
	}
}

/** Whether nothing needs repair: our rules are intact, or absent where there is no insertion point. */
function isIntended({ point, intact, strayRules, chainExists }: View): boolean {
	return point === undefined ? strayRules.length === 0 && !chainExists : intact;
}

function ofFamily(openings: readonly Opening[], family: Family): Opening[] {
	return openings.filter((opening) => opening.family === family);
}
