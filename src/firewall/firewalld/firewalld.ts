/**
 * firewalld, over a persistent D-Bus connection: runtime rich rules that carry our priority and the bound address.
 * Nothing permanent is written, and managed rules that `firewall-cmd --runtime-to-permanent` saved are removed.
 */

import { endpoint, isWildcard } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { interfaceAddresses } from "../../system/interfaces.js";
import { SerialQueue } from "../../system/serial-queue.js";
import { Throttle } from "../../system/throttle.js";
import { attemptAll, FirewallError } from "../errors.js";
import type { Explanation, Firewall, FirewallChange, Opening, Watch } from "../firewall.js";
import { checkOpening, distinct, openingKey, sameOpening } from "../opening.js";
import { Bus, FirewalldAnswer, type Signal } from "./bus.js";
import {
	addRichRule,
	getRichRules,
	getZones,
	isFirewalldRunning,
	isInPanicMode,
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
import { readOrphans, removeOrphans } from "./orphans.js";
import { readRichRule, richRule } from "./rule.js";
import { type ZoneMap, type Zones, zonesFor } from "./zones.js";

const PACE = { delayMs: 5, intervalMs: 100 };

/** A bus that restarts is available again within a second or two. */
const RECONNECT_MS = 1000;

export interface FirewalldOptions {
	/** D-Bus address. Default: the system's. */
	readonly bus?: string | undefined;
	/** Also to see and delete by nft what a firewalld that was killed leaves in force. */
	readonly commands: Commands;
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
	/** What we opened and did not close, by key: of a firewalld that is gone, its tables may still have it. */
	readonly #known = new Map<string, Opening>();
	#reconnect: NodeJS.Timeout | undefined;
	/** How many changes by others the bus has reported. */
	#heard = 0;
	/** Our own changes, which the bus reports to us too. */
	readonly #ownChanges = new Set<string>();

	constructor(options: FirewalldOptions) {
		this.#options = options;
	}

	repair(): Promise<Opening[]> {
		return this.#orLeftInForce(async () => {
			const bus = await this.#connect();
			const heard = this.#heard;
			const map = await readZoneMap(bus);
			const zones = await this.#withAddresses(map);
			const held = await this.#removeStrays(bus, zones);
			if (!this.#everywhereChecked) {
				await this.#removePermanent(bus);
			}
			// What was heard of meanwhile may have come behind the reading.
			if (heard === this.#heard) {
				this.#zones = map;
				this.#everywhereChecked = true;
			}
			const openings = this.#openingsOf(held, zones);
			this.#known.clear();
			this.#know(openings);
			return openings;
		});
	}

	list(): Promise<Opening[]> {
		return this.#orLeftInForce(async () => {
			const bus = await this.#connect();
			const zones = await this.#zoneMap(bus);
			const held = await this.#ourRules(bus, relevantZones(zones));
			const known = held.map(({ opening }) => opening);
			const openings = this.#openingsOf(held, await this.#withAddresses(zones, known));
			this.#know(openings);
			return openings;
		});
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) {
				checkOpening(opening);
			}
			this.#know(open);
			try {
				await this.#apply({ open, close });
			} catch (error) {
				if (await this.#isRunning()) {
					throw error;
				}
				await this.#removeLeft(close);
				if (open.length > 0) {
					throw error;
				}
			}
			for (const opening of close) {
				this.#known.delete(openingKey(opening));
			}
		});
	}

	async #apply({ open, close }: FirewallChange): Promise<void> {
		const bus = await this.#connect();
		const zones = await this.#withAddresses(await this.#zoneMap(bus), [...open, ...close]);
		const each = (openings: readonly Opening[], act: (zone: string, rule: string) => Promise<void>) =>
			distinct(openings).flatMap((opening) =>
				zonesFor(opening, zones).map((zone) => () => act(zone, richRule(opening))),
			);
		await attemptAll([
			...each(open, (zone, rule) => this.#change(addRichRule, "ALREADY_ENABLED", bus, zone, rule)),
			...each(close, (zone, rule) => this.#change(removeRichRule, "NOT_ENABLED", bus, zone, rule)),
		]);
	}

	/**
	 * In every zone, active or not, and in the permanent configuration. A firewalld that stops drops what we opened; one that is
	 * killed leaves it in force, so what is known of it is deleted by nft.
	 */
	clear(): Promise<void> {
		return this.#serial.run(async () => {
			if (!(await this.#isRunning())) {
				await this.#removeLeft([...this.#known.values()]);
				this.#known.clear();
				return;
			}
			this.#known.clear();
			const bus = await this.#connect();
			const ours = await this.#ourRules(bus, await getZones(bus));
			if (ours.length > 0 && (await isInPanicMode(bus))) {
				throw staysIn(ours);
			}
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
		const zones = zonesFor(opening, await this.#withAddresses(await readZoneMap(bus), [opening]));
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

	/** What `read` lists or, of a firewalld that was killed, what its tables still have of ours. */
	#orLeftInForce(read: () => Promise<Opening[]>): Promise<Opening[]> {
		return this.#serial.run(async () => {
			try {
				return await read();
			} catch (error) {
				const { commands } = this.#options;
				if (this.#known.size === 0 || (await this.#isRunning())) {
					throw error;
				}
				const left = (await readOrphans(commands)).map(({ opening }) => opening);
				const ours = distinct(left).filter((opening) => this.#known.has(openingKey(opening)));
				if (ours.length === 0) {
					throw error;
				}
				return ours;
			}
		});
	}

	#isRunning(): Promise<boolean> {
		return isFirewalldRunning(this.#options.bus ?? SYSTEM_BUS);
	}

	async #removeLeft(openings: readonly Opening[]): Promise<void> {
		const { commands } = this.#options;
		if (openings.length > 0) {
			await removeOrphans(commands, openings);
		}
	}

	#know(openings: readonly Opening[]): void {
		for (const opening of openings) {
			this.#known.set(openingKey(opening), opening);
		}
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
		this.#heard += 1;
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
		if (this.#zones !== undefined) {
			return this.#zones;
		}
		const heard = this.#heard;
		const zones = await readZoneMap(bus);
		if (heard === this.#heard) {
			this.#zones = zones;
		}
		return zones;
	}

	/** Not cached: addresses come and go. @param openings all that will be asked about, if they are known */
	async #withAddresses(zones: ZoneMap, openings?: readonly Opening[]): Promise<Zones> {
		const wanted = openings?.filter((opening) => !isWildcard(opening)).map(({ address }) => address);
		return { ...zones, addresses: await interfaceAddresses(this.#options.commands, wanted) };
	}

	/** The openings whose rule is in every zone that decides on them. */
	#openingsOf(held: readonly ZoneRule[], zones: Zones): Opening[] {
		return distinct(held.map(({ opening }) => opening)).filter((opening) =>
			zonesFor(opening, zones).every((zone) =>
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
	async #removeStrays(bus: Bus, zones: Zones): Promise<ZoneRule[]> {
		const searched = this.#everywhereChecked ? [...relevantZones(zones), ...this.#used] : await getZones(bus);
		const held = await this.#ourRules(bus, [...new Set(searched)]);
		const isStray = ({ zone, opening }: ZoneRule) => !zonesFor(opening, zones).includes(zone);
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

/** Deleted behind its back, firewalld would list them for ever and fail to remove them. */
function staysIn(rules: readonly ZoneRule[]): FirewallError {
	const ports = distinct(rules.map(({ opening }) => opening)).map(endpoint);
	return new FirewallError(
		"not-permitted",
		`firewalld is in panic mode, in which it takes no rule back: ${ports.join(", ")} will be open again when that ends. Then run \`mosh-portguard clear\`, or \`firewall-cmd --reload\`.`,
	);
}

/** Its chains for what comes in are called after the zone, shortened: `filter_IN_public_allow`, `IN_public`. */
function isChainOf(zone: string, chain: string): boolean {
	const name = chain.replace(/^filter_/, "").replace(/_(pre|log|deny|allow|post)$/, "");
	return name === `IN_${zone}`;
}

function relevantZones({ active, defaultZone }: ZoneMap): string[] {
	return [...new Set([...active.map(({ name }) => name), defaultZone])];
}
