/**
 * firewalld, over a kept D-Bus connection: runtime rich rules that carry our priority and the bound address.
 * Nothing permanent is written; what `firewall-cmd --runtime-to-permanent` makes permanent of ours is undone.
 */

import { SerialQueue } from "../../system/serial-queue.js";
import { Throttle } from "../../system/throttle.js";
import { attemptAll, FirewallError } from "../errors.js";
import type { Explanation, Firewall, FirewallChange, Opening, Watch } from "../firewall.js";
import { checkOpening, distinct, sameOpening } from "../opening.js";
import { Bus, FirewalldAnswer, type Signal } from "./bus.js";
import {
	addRichRule,
	getRichRules,
	getZones,
	MATCHES,
	permanentRichRules,
	permanentZones,
	readZoneMap,
	removePermanentRichRule,
	removeRichRule,
	SERVICE,
	SYSTEM_BUS,
} from "./client.js";
import { explainInZone } from "./explain.js";
import { readRichRule, richRule } from "./rule.js";
import { type ZoneMap, zonesFor } from "./zones.js";

const PACE = { delayMs: 5, intervalMs: 100 };

/** A bus that restarts is back within a second or two. */
const RECONNECT_MS = 1000;

export interface FirewalldOptions {
	/** D-Bus address. */
	readonly bus?: string;
	/** Name of the network interface that has a local address. */
	readonly interfaceOf: (address: string) => string | undefined;
}

export class Firewalld implements Firewall {
	readonly name = "firewalld";
	readonly #options: FirewalldOptions;
	readonly #serial = new SerialQueue();
	readonly #watchers = new Set<Throttle>();
	#bus: Promise<Bus> | undefined;
	#zones: ZoneMap | undefined;
	/** Whether the files, and the zones that another instance may have used, were looked through. */
	#everywhereChecked = false;
	/** Zones that got a rule of ours: an interface may have left them since. */
	readonly #used = new Set<string>();
	#reconnect: NodeJS.Timeout | undefined;
	/** Rules of ours whose change the bus will report to us as well. */
	readonly #ownChanges = new Set<string>();

	constructor(options: FirewalldOptions) {
		this.#options = options;
	}

	ensure(): Promise<undefined> {
		return this.#serial.run(async () => {
			const bus = await this.#connect();
			this.#zones = await readZoneMap(bus);
			await this.#removeStrays(bus, this.#zones);
			if (!this.#everywhereChecked) await this.#removePermanent(bus);
			this.#everywhereChecked = true;
			return undefined;
		});
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			const bus = await this.#connect();
			const zones = await this.#zoneMap(bus);
			const held = await this.#ourRules(bus, relevantZones(zones));
			const candidates = distinct(held.map(({ opening }) => opening));
			return candidates.filter((opening) =>
				this.#zonesFor(opening, zones).every((zone) =>
					held.some((rule) => rule.zone === zone && sameOpening(rule.opening, opening)),
				),
			);
		});
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) checkOpening(opening);
			const bus = await this.#connect();
			const zones = await this.#zoneMap(bus);
			const each = (openings: readonly Opening[], act: (zone: string, rule: string) => Promise<void>) =>
				distinct(openings).flatMap((opening) =>
					this.#zonesFor(opening, zones).map((zone) => () => act(zone, richRule(opening))),
				);
			await attemptAll([
				...each(open, (zone, rule) => this.#change(addRichRule, "ALREADY_ENABLED", bus, zone, rule)),
				...each(close, (zone, rule) => this.#change(removeRichRule, "NOT_ENABLED", bus, zone, rule)),
			]);
		});
	}

	/** In every zone, active or not, and in the files. */
	clear(): Promise<void> {
		return this.#serial.run(async () => {
			const bus = await this.#connect();
			const ours = await this.#ourRules(bus, await getZones(bus));
			await attemptAll([
				...ours.map(
					({ zone, opening }) =>
						() =>
							this.#change(removeRichRule, "NOT_ENABLED", bus, zone, richRule(opening)),
				),
				() => this.#removePermanent(bus),
			]);
		});
	}

	async explain(opening: Opening): Promise<Explanation> {
		checkOpening(opening);
		const bus = await this.#connect();
		const [zone = ""] = this.#zonesFor(opening, await readZoneMap(bus));
		return explainInZone(bus, zone, opening);
	}

	async watch(listener: (cause: string) => void): Promise<Watch> {
		const settle = new Throttle(listener, PACE);
		this.#watchers.add(settle);
		await this.#connect().catch(() => this.#scheduleReconnect());
		return {
			stop: async () => {
				settle.stop();
				this.#watchers.delete(settle);
				if (this.#watchers.size === 0) clearTimeout(this.#reconnect);
			},
		};
	}

	/** Ends the connection; the next call makes a new one. */
	async disconnect(): Promise<void> {
		clearTimeout(this.#reconnect);
		const bus = await this.#bus?.catch(() => undefined);
		this.#forget();
		bus?.close();
	}

	#connect(): Promise<Bus> {
		this.#bus ??= Bus.connect(this.#options.bus ?? SYSTEM_BUS, MATCHES, {
			onSignal: (signal) => this.#hear(signal),
			onLost: () => {
				this.#forget();
				this.#scheduleReconnect();
			},
		}).catch((error: unknown) => {
			this.#forget();
			throw error;
		});
		return this.#bus;
	}

	#forget(): void {
		this.#bus = undefined;
		this.#zones = undefined;
		this.#everywhereChecked = false;
		this.#ownChanges.clear();
	}

	#scheduleReconnect(): void {
		if (this.#watchers.size === 0) return;
		clearTimeout(this.#reconnect);
		this.#reconnect = setTimeout(() => {
			this.#connect().then(
				() => this.#wake("the system bus (D-Bus) is back"),
				() => this.#scheduleReconnect(),
			);
		}, RECONNECT_MS);
	}

	#hear({ interface: name, member, body }: Signal): void {
		if (member === "RichRuleAdded" || member === "RichRuleRemoved") {
			const [zone, rule] = body.map(String);
			if (this.#ownChanges.delete(`${member} ${zone} ${rule}`)) return;
			if (readRichRule(rule ?? "") === undefined) return;
		}
		// A zone may have gained or lost an interface or a source; a reload or a restart forgets runtime rules.
		this.#zones = undefined;
		if (name.startsWith(`${SERVICE}.config`) || member === "Reloaded" || member === "NameOwnerChanged") {
			this.#everywhereChecked = false;
		}
		this.#wake(
			member === "NameOwnerChanged" ? "firewalld started or stopped" : `firewalld reported ${member}`,
		);
	}

	#wake(cause: string): void {
		for (const watcher of this.#watchers) watcher.event(cause);
	}

	async #zoneMap(bus: Bus): Promise<ZoneMap> {
		this.#zones ??= await readZoneMap(bus);
		return this.#zones;
	}

	#zonesFor(opening: Opening, zones: ZoneMap): string[] {
		return zonesFor(opening, zones, this.#options.interfaceOf);
	}

	async #ourRules(bus: Bus, zones: readonly string[]): Promise<{ zone: string; opening: Opening }[]> {
		const perZone = await Promise.all(
			zones.map(async (zone) => {
				const openings = (await getRichRules(bus, zone)).flatMap((rule) => readRichRule(rule) ?? []);
				return openings.map((opening) => ({ zone, opening }));
			}),
		);
		return perZone.flat();
	}

	/** Rules left in a zone that no longer decides, after an interface moved to another. */
	async #removeStrays(bus: Bus, zones: ZoneMap): Promise<void> {
		const places = this.#everywhereChecked ? [...relevantZones(zones), ...this.#used] : await getZones(bus);
		const held = await this.#ourRules(bus, [...new Set(places)]);
		const strays = held.filter(({ zone, opening }) => !this.#zonesFor(opening, zones).includes(zone));
		await attemptAll(
			strays.map(
				({ zone, opening }) =>
					() =>
						this.#change(removeRichRule, "NOT_ENABLED", bus, zone, richRule(opening)),
			),
		);
	}

	async #removePermanent(bus: Bus): Promise<void> {
		const paths = await permanentZones(bus);
		await attemptAll(
			paths.map((path) => async () => {
				const ours = (await permanentRichRules(bus, path)).filter((rule) => readRichRule(rule) !== undefined);
				for (const rule of ours) await removePermanentRichRule(bus, path, rule);
			}),
		);
	}

	/** `fine`: the answer of firewalld that means the rule is as wanted already. */
	async #change(
		change: (bus: Bus, zone: string, rule: string) => Promise<void>,
		fine: string,
		bus: Bus,
		zone: string,
		rule: string,
	): Promise<void> {
		const member = change === addRichRule ? "RichRuleAdded" : "RichRuleRemoved";
		const expected = `${member} ${zone} ${rule}`;
		this.#used.add(zone);
		this.#ownChanges.add(expected);
		try {
			await change(bus, zone, rule);
		} catch (error) {
			this.#ownChanges.delete(expected);
			const answer =
				error instanceof FirewallError && error.cause instanceof FirewalldAnswer ? error.cause.answer : "";
			if (answer !== fine) throw error;
		}
	}
}

function relevantZones({ active, defaultZone }: ZoneMap): string[] {
	return [...new Set([...active.map(({ name }) => name), defaultZone])];
}
