/** firewalld's D-Bus calls that we use, as functions with types. */

import { FirewallError } from "../errors.js";
import { Bus } from "./bus.js";
import type { ActiveZone, ZoneMap } from "./zones.js";

export const SERVICE = "org.fedoraproject.FirewallD1";
const ROOT = { destination: SERVICE, path: "/org/fedoraproject/FirewallD1" } as const;
const ZONE = { ...ROOT, interface: `${SERVICE}.zone` } as const;
const CONFIG = {
	destination: SERVICE,
	path: "/org/fedoraproject/FirewallD1/config",
	interface: `${SERVICE}.config`,
} as const;
const CONFIG_ZONE = { destination: SERVICE, interface: `${SERVICE}.config.zone` } as const;

/** Fixed, since the guard runs as root: an address from the environment would be the caller's. */
export const SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket";

/** Whether a firewalld answers; a host without a message bus has none. */
export async function isFirewalldRunning(busAddress = SYSTEM_BUS): Promise<boolean> {
	let bus: Bus | undefined;
	try {
		bus = await Bus.connect(busAddress, [], { onSignal: () => undefined, onLost: () => undefined });
		await bus.call({ ...ROOT, interface: SERVICE, member: "getDefaultZone" });
		return true;
	} catch (error) {
		if (error instanceof FirewallError && error.code === "not-in-force") return false;
		throw error;
	} finally {
		bus?.close();
	}
}

/** The bus lets only firewalld's own signals through, and those about its coming and going. */
export const MATCHES: readonly string[] = [
	`type='signal',sender='${SERVICE}'`,
	`type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${SERVICE}'`,
];

/** Runtime: lasts until firewalld reloads or ends. */
export async function addRichRule(bus: Bus, zone: string, rule: string): Promise<void> {
	await bus.call({ ...ZONE, member: "addRichRule", signature: "ssi", body: [zone, rule, 0] });
}

export async function removeRichRule(bus: Bus, zone: string, rule: string): Promise<void> {
	await bus.call({ ...ZONE, member: "removeRichRule", signature: "ss", body: [zone, rule] });
}

export async function getRichRules(bus: Bus, zone: string): Promise<string[]> {
	return (await bus.call({ ...ZONE, member: "getRichRules", signature: "s", body: [zone] })) as string[];
}

export async function getZones(bus: Bus): Promise<string[]> {
	return (await bus.call({ ...ZONE, member: "getZones" })) as string[];
}

export async function readZoneMap(bus: Bus): Promise<ZoneMap> {
	const defaultZone = (await bus.call({ ...ROOT, interface: SERVICE, member: "getDefaultZone" })) as string;
	const active = (await bus.call({ ...ZONE, member: "getActiveZones" })) as [string, [string, string[]][]][];
	return {
		defaultZone,
		active: await Promise.all(
			active.map(async ([name, bindings]): Promise<ActiveZone> => {
				const { interfaces = [], sources = [] } = Object.fromEntries(bindings);
				const { target } = await readZone(bus, name);
				return { name, interfaces, sources, target };
			}),
		),
	};
}

export interface ZoneSettings {
	readonly target: string;
	/** Port or range, protocol. */
	readonly ports: readonly (readonly [string, string])[];
	readonly services: readonly string[];
	readonly richRules: readonly string[];
}

export async function readZone(bus: Bus, zone: string): Promise<ZoneSettings> {
	const settings = variants(
		await bus.call({ ...ZONE, member: "getZoneSettings2", signature: "s", body: [zone] }),
	);
	return {
		target: String(settings.target ?? "default"),
		ports: (settings.ports ?? []) as [string, string][],
		services: (settings.services ?? []) as string[],
		richRules: (settings.rules_str ?? []) as string[],
	};
}

export async function readServicePorts(bus: Bus, service: string): Promise<[string, string][]> {
	const call = {
		...ROOT,
		interface: SERVICE,
		member: "getServiceSettings2",
		signature: "s",
		body: [service],
	};
	return (variants(await bus.call(call)).ports ?? []) as [string, string][];
}

/** Permanent: what a file of firewalld says, whatever is in force. */
export async function permanentZones(bus: Bus): Promise<string[]> {
	return (await bus.call({ ...CONFIG, member: "listZones" })) as string[];
}

export async function permanentRichRules(bus: Bus, path: string): Promise<string[]> {
	return (await bus.call({ ...CONFIG_ZONE, path, member: "getRichRules" })) as string[];
}

export async function removePermanentRichRule(bus: Bus, path: string, rule: string): Promise<void> {
	await bus.call({ ...CONFIG_ZONE, path, member: "removeRichRule", signature: "s", body: [rule] });
}

/** a{sv} comes as pairs of a key and a variant; a variant as its type and a list with its value. */
function variants(value: unknown): Record<string, unknown> {
	const entries = value as [string, [unknown, unknown[]]][];
	return Object.fromEntries(entries.map(([key, [, [inner]]]) => [key, inner]));
}
