/**
 * A firewall made of one chain of our own in the filter table, for plain iptables and for ufw alike.
 * What differs is where the jump to the chain stands (`Placement`) and how the tables in force are known.
 *
 * Opening appends one rule and takes 3 ms; whatever deletes takes 16 ms over nf_tables, so closes come in one
 * transaction. Nothing is written to disk: after a reboot nothing is open.
 */

import type { Family } from "../../system/addresses.js";
import { FAMILIES } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { SerialQueue } from "../../system/serial-queue.js";
import { attemptAll, FirewallError } from "../errors.js";
import type { Explanation, Firewall, FirewallChange, FirewallName, Opening, Watch } from "../firewall.js";
import { checkOpening, distinct, openingKey, without } from "../opening.js";
import { explainInTable } from "./explain.js";
import { type Inspection, inspect } from "./inspect.js";
import type { Place, Placement } from "./place.js";
import type { FilterTable } from "./save.js";
import { appendScript, deleteScript, rebuildScript, removeScript } from "./script.js";
import {
	readAllTables,
	readFilterTable,
	readTables,
	type Tables,
	type TablesByVariant,
	tool,
	VARIANTS,
	type Variant,
} from "./variant.js";
import { watchFilterTable } from "./watch.js";

/** Another program may change the rules between our reading and our writing, but hardly three times in a row. */
const ATTEMPTS = 3;

/** Seconds to wait for another x_tables command to release its lock; over nf_tables the option means nothing. */
const LOCK_WAIT_S = "5";

export interface ChainFirewallOptions {
	readonly name: FirewallName;
	readonly commands: Commands;
	readonly placement: Record<Family, Placement>;
	/** Whether this firewall's rules are in these tables. */
	readonly inForce: (tables: Tables) => boolean;
	/** Which of the two kinds of iptables to use. @throws FirewallError `not-in-force` or `ambiguous` */
	readonly choose: (tables: TablesByVariant, current: Variant | undefined) => Variant;
	/** How often to look where the kernel has no events (iptables-legacy). */
	readonly pollMs?: number | undefined;
}

/** A family's table, looked at from where our jump must stand; `place` is undefined where this firewall has none for us. */
interface View extends Inspection {
	readonly family: Family;
	readonly place: Place | undefined;
}

export class ChainFirewall implements Firewall {
	readonly name: FirewallName;
	readonly #commands: Commands;
	readonly #options: ChainFirewallOptions;
	readonly #serial = new SerialQueue();
	/** Keys of what the chain held when last seen or changed: what is not in it needs no look before it is appended. */
	#known = new Set<string>();
	/** Wanted in a family that this firewall leaves alone (ufw with IPV6=no): it has no place for a rule of ours. */
	readonly #placeless = new Map<string, Opening>();
	#variant: Variant | undefined;

	constructor(options: ChainFirewallOptions) {
		this.name = options.name;
		this.#commands = options.commands;
		this.#options = options;
	}

	ensure(): Promise<Opening[] | undefined> {
		return this.#serial.run(async () => {
			const { variant, tables } = await this.#survey();
			const seen = FAMILIES.map((family) => this.#view(family, tables[family]));
			if (seen.every(isIntended)) return seen.flatMap((view) => this.#learn(view));
			await attemptAll(seen.map((view) => () => this.#ensureFamily(view.family, variant, view)));
			return undefined;
		});
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			const variant = await this.#currentVariant();
			const inspections = await Promise.all(FAMILIES.map((family) => this.#inspect(family, variant)));
			this.#known = new Set(inspections.flatMap(({ openings }) => openings.map(openingKey)));
			return [
				...inspections.flatMap(({ reached, openings }) => (reached ? openings : [])),
				...this.#placeless.values(),
			];
		});
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) checkOpening(opening);
			const variant = await this.#currentVariant();
			await attemptAll([
				...FAMILIES.map((family) => () => this.#open(ofFamily(open, family), family, variant)),
				...FAMILIES.map((family) => () => this.#close(ofFamily(close, family), family, variant)),
			]);
		});
	}

	/** In both kinds of iptables, since the host may have been switched from one to the other. */
	clear(): Promise<void> {
		return this.#serial.run(async () => {
			this.#known.clear();
			this.#placeless.clear();
			const tables = await readAllTables(this.#commands);
			await attemptAll(
				VARIANTS.flatMap((variant) =>
					FAMILIES.map((family) => async () => {
						const table = tables[variant]?.[family];
						if (table === undefined) return;
						const { strays, chainExists } = inspect(table, family, undefined);
						if (strays.length === 0 && !chainExists) return;
						await this.#restore(family, variant, removeScript(strays, chainExists));
					}),
				),
			);
		});
	}

	async explain(opening: Opening): Promise<Explanation> {
		checkOpening(opening);
		const variant = await this.#currentVariant();
		return explainInTable(await readFilterTable(this.#commands, opening.family, variant), opening);
	}

	async watch(listener: (cause: string) => void): Promise<Watch> {
		const isIntact = () =>
			this.#serial.run(async () => {
				const tables = await readTables(this.#commands, await this.#currentVariant());
				return FAMILIES.every((family) => this.#isIntact(family, tables[family]));
			});
		const variant = await this.#currentVariant();
		return watchFilterTable(this.#commands, variant, listener, isIntact, this.#options.pollMs);
	}

	#isIntact(family: Family, table: FilterTable): boolean {
		const view = this.#view(family, table);
		if (!isIntended(view)) return false;
		if (view.place === undefined) return true;
		const known = [...this.#known].filter((key) => key.startsWith(`${family} `));
		return (
			view.openings.length === known.length &&
			view.openings.every((opening) => this.#known.has(openingKey(opening)))
		);
	}

	#view(family: Family, table: FilterTable): View {
		const place = this.#options.placement[family](table);
		return { family, place, ...inspect(table, family, place) };
	}

	/** Remembers what a table holds of ours; where nothing is to be repaired that is what `list` would tell. */
	#learn({ family, place, openings }: View): readonly Opening[] {
		if (place === undefined) {
			this.#remember(family, []);
			return ofFamily([...this.#placeless.values()], family);
		}
		this.#forgetPlaceless(family);
		this.#remember(family, openings);
		return openings;
	}

	async #ensureFamily(family: Family, variant: Variant, seen?: View): Promise<void> {
		for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
			const view = (attempt === 0 ? seen : undefined) ?? (await this.#inspect(family, variant));
			const { place, openings, strays, chainExists } = view;
			this.#learn(view);
			if (isIntended(view)) return;
			if (place === undefined) {
				// A jump left from earlier would stand in the wrong place.
				await this.#restore(family, variant, removeScript(strays, chainExists));
				return;
			}
			await this.#restore(family, variant, rebuildScript(openings, strays, place));
		}
		if ((await this.#inspect(family, variant)).sound) return;
		throw new FirewallError(
			"tool-failed",
			`The ${family} rules of ${this.name} keep changing: the jump to the guard's chain could not be placed.`,
		);
	}

	async #open(openings: readonly Opening[], family: Family, variant: Variant): Promise<void> {
		let missing = distinct(openings);
		if (missing.some((opening) => this.#known.has(openingKey(opening)))) {
			missing = without(missing, (await this.#inspect(family, variant)).openings);
		}
		if (missing.length === 0) return;
		try {
			await this.#restore(family, variant, appendScript(missing));
		} catch {
			// Most likely the chain is gone: another program flushed the table. Whatever it was, a second failure counts.
			await this.#ensureFamily(family, variant);
			const { openings: present, chainExists } = await this.#inspect(family, variant);
			if (!chainExists) {
				for (const opening of missing) this.#placeless.set(openingKey(opening), opening);
				return;
			}
			await this.#restore(family, variant, appendScript(without(missing, present)));
		}
		for (const opening of missing) this.#known.add(openingKey(opening));
	}

	async #close(openings: readonly Opening[], family: Family, variant: Variant): Promise<void> {
		const unwanted = distinct(openings).filter((opening) => !this.#placeless.delete(openingKey(opening)));
		if (unwanted.length === 0) return;
		try {
			await this.#restore(family, variant, deleteScript(unwanted));
		} catch {
			// One rule that is gone already refuses the whole transaction: look, and delete what there is.
			const { openings: present } = await this.#inspect(family, variant);
			const left = without(unwanted, without(unwanted, present));
			if (left.length > 0) await this.#restore(family, variant, deleteScript(left));
		}
		for (const opening of unwanted) this.#known.delete(openingKey(opening));
	}

	async #inspect(family: Family, variant: Variant): Promise<View> {
		return this.#view(family, await readFilterTable(this.#commands, family, variant));
	}

	async #restore(family: Family, variant: Variant, script: string): Promise<void> {
		await this.#commands.run(tool(family, variant, "restore"), ["--noflush", "-w", LOCK_WAIT_S], {
			input: script,
			prestart: true,
		});
	}

	async #currentVariant(): Promise<Variant> {
		return this.#variant ?? (await this.#survey()).variant;
	}

	/** Looks at both kinds of iptables only while the known one does not hold the rules. */
	async #survey(): Promise<{ variant: Variant; tables: Tables }> {
		if (this.#variant !== undefined) {
			const tables = await readTables(this.#commands, this.#variant);
			if (this.#options.inForce(tables)) return { variant: this.#variant, tables };
		}
		const all = await readAllTables(this.#commands);
		const variant = this.#options.choose(all, this.#variant);
		this.#variant = variant;
		return { variant, tables: all[variant] ?? { ipv4: new Map(), ipv6: new Map() } };
	}

	/** There is a place now: what was wanted is to be opened there. */
	#forgetPlaceless(family: Family): void {
		for (const [key, opening] of this.#placeless) {
			if (opening.family === family) this.#placeless.delete(key);
		}
	}

	#remember(family: Family, openings: readonly Opening[]): void {
		const others = [...this.#known].filter((key) => !key.startsWith(`${family} `));
		this.#known = new Set([...others, ...openings.map(openingKey)]);
	}
}

/** Nothing to repair: all of ours in its place, or nothing of ours where there is no place for it. */
function isIntended({ place, sound, strays, chainExists }: View): boolean {
	return place === undefined ? strays.length === 0 && !chainExists : sound;
}

function ofFamily(openings: readonly Opening[], family: Family): Opening[] {
	return openings.filter((opening) => opening.family === family);
}
