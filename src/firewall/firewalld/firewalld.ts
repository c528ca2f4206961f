/**
 * firewalld, over a persistent D-Bus connection: runtime rich rules that carry our priority and the bound address.
 * Nothing permanent is written, and managed rules that `firewall-cmd --runtime-to-permanent` saved are removed.
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

/** A bus that restarts is available again within a second or two. */
const RECONNECT_MS = 1000;

export interface FirewalldOptions {
	/** D-Bus address. Default: the system's. */
	readonly bus?: string | undefined;
	/** Name of the network interface that has a local address. */
	readonly interfaceOf: (address: string) => string | undefined;
}

/** A managed rule in a zone. */
interface ZoneRule {
	readonly zone: string;
	readonly opening: Opening;
}

export class Firewalld implements Firewall {
	readonly name = "firewalld";
	readonly #options: FirewalldOptions;
	readonly #serial = new SerialQueue();
	readonly #watchers = new Set<Throttle>();
	#bus: Promise<Bus> | undefined;
	#zones: ZoneMap | undefined;
	/** Whether the permanent configuration and every zone that another instance may have used were checked. */
	#everywhereChecked = false;
	/** Zones that received a managed rule; an interface may have been moved out of them since. */
	readonly #used = new Set<string>();
	#reconnect: NodeJS.Timeout | undefined;
	/** Our own changes, which the bus reports to us too. */
	readonly #ownChanges = new Set<string>();

	constructor(options: FirewalldOptions) {
		this.#options = options;
	}

	repair(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			const bus = await this.#connect();
			const zones = await readZoneMap(bus);
			this.#zones = zones;
			const held = await this.#removeStrays(bus, zones);
			if (!this.#everywhereChecked) {
				await this.#removePermanent(bus);
			}
			this.#everywhereChecked = true;
			return this.#openingsOf(held, zones);
		});
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(async () => {
			const bus = await this.#connect();
			const zones = await this.#zoneMap(bus);
			return this.#openingsOf(await this.#ourRules(bus, relevantZones(zones)), zones);
		});
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) {
				checkOpening(opening);
			}
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

	/** In every zone, active or not, and in the permanent configuration. */
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

	async ownWords(opening: Opening, chain: string): Promise<Explanation | undefined> {
		const bus = await this.#connect();
		const zones = this.#zonesFor(opening, await readZoneMap(bus));
		const zone = zones.find((name) => isChainOf(name, chain));
		return zone === undefined ? undefined : explainInZone(bus, zone, opening);
	}

	async watch(listener: (cause: string) => void): Promise<Watch> {
		const throttle = new Throttle(listener, PACE);
		this.#watchers.add(throttle);
		await this.#connect().catch(() => this.#scheduleReconnect());
		return {
			stop: async () => {
				throttle.stop();
				this.#watchers.delete(throttle);
				if (this.#watchers.size === 0) {
					clearTimeout(this.#reconnect);
				}
			},
		};
	}

	/** Closes the connection; the next call opens a new one. */
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
		if (this.#watchers.size === 0) {
			return;
		}
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
			if (this.#ownChanges.delete(`${member} ${zone} ${rule}`)) {
				return;
			}
			if (readRichRule(rule ?? "") === undefined) {
				return;
			}
		}
		// A zone may have gained or lost an interface or a source; a reload or a restart drops runtime rules.
		this.#zones = undefined;
		if (name.startsWith(`${SERVICE}.config`) || member === "Reloaded" || member === "NameOwnerChanged") {
			this.#everywhereChecked = false;
		}
		this.#wake(
			member === "NameOwnerChanged" ? "firewalld started or stopped" : `firewalld reported ${member}`,
		);
	}

	#wake(cause: string): void {
		for (const watcher of this.#watchers) {
			watcher.event(cause);
		}
	}

	async #zoneMap(bus: Bus): Promise<ZoneMap> {
		this.#zones ??= await readZoneMap(bus);
		return this.#zones;
	}

	#zonesFor(opening: Opening, zones: ZoneMap): string[] {
		return zonesFor(opening, zones, this.#options.interfaceOf);
	}

	/** The openings whose rule is in every zone that decides on them. */
	#openingsOf(held: readonly ZoneRule[], zones: ZoneMap): Opening[] {
		return distinct(held.map(({ opening }) => opening)).filter((opening) =>
			this.#zonesFor(opening, zones).every((zone) =>
				held.some((rule) => rule.zone === zone && sameOpening(rule.opening, opening)),
			),
		);
	}

	async #ourRules(bus: Bus, zones: readonly string[]): Promise<ZoneRule[]> {
		const perZone = await Promise.all(
			zones.map(async (zone) => {
				const openings = (await getRichRules(bus, zone)).flatMap((rule) => readRichRule(rule) ?? []);
				return openings.map((opening) => ({ zone, opening }));
			}),
		);
		return perZone.flat();
	}

	/** Removes rules from zones that no longer decide, after an interface was moved to another zone. Returns the others. */
	async #removeStrays(bus: Bus, zones: ZoneMap): Promise<ZoneRule[]> {
		const searched = this.#everywhereChecked ? [...relevantZones(zones), ...this.#used] : await getZones(bus);
		const held = await this.#ourRules(bus, [...new Set(searched)]);
		const isStray = ({ zone, opening }: ZoneRule) => !this.#zonesFor(opening, zones).includes(zone);
		const strays = held.filter(isStray);
		await attemptAll(
			strays.map(
				({ zone, opening }) =>
					() =>
						this.#change(removeRichRule, "NOT_ENABLED", bus, zone, richRule(opening)),
			),
		);
		return held.filter((rule) => !isStray(rule));
	}

	async #removePermanent(bus: Bus): Promise<void> {
		const paths = await permanentZones(bus);
		await attemptAll(
			paths.map((path) => async () => {
				const ours = (await permanentRichRules(bus, path)).filter((rule) => readRichRule(rule) !== undefined);
				for (const rule of ours) {
					await removePermanentRichRule(bus, path, rule);
				}
			}),
		);
	}

	/** `fine`: the answer of firewalld that means that the rule already is as wanted. */
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
			if (answer !== fine) {
				throw error;
			}
		}
	}
}

/** Its chains for what comes in are called after the zone, shortened: `filter_IN_public_allow`, `IN_public`. */
function isChainOf(zone: string, chain: string): boolean {
	const name = chain.replace(/^filter_/, "").replace(/_(pre|log|deny|allow|post)$/, "");
	return name === `IN_${zone}`;
}

function relevantZones({ active, defaultZone }: ZoneMap): string[] {
	return [...new Set([...active.map(({ name }) => name), defaultZone])];
}
