/** Typed functions for the D-Bus calls of firewalld that we use. */

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

/** Fixed, because the guard is privileged: an address from the environment would be under the caller's control. */
export const SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket";

/** Whether firewalld runs, even if it hangs: its rules are in force. False on a host without a message bus. */
export async function isFirewalldRunning(busAddress = SYSTEM_BUS): Promise<boolean> {
	let bus: Bus | undefined;
	try {
		bus = await Bus.connect(busAddress, [], { onSignal: () => undefined, onLost: () => undefined });
		return await bus.hasOwner(SERVICE);
	} catch (error) {
		if (error instanceof FirewallError && error.code === "not-in-force") {
			return false;
		}
		throw error;
	} finally {
		bus?.close();
	}
}

/** Only signals from firewalld itself, and those that report its start or end. */
export const MATCHES: readonly string[] = [
	`type='signal',sender='${SERVICE}'`,
	`type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${SERVICE}'`,
];

/** Whether nothing comes in or goes out, and no rule can be changed. */
export async function isInPanicMode(bus: Bus): Promise<boolean> {
	return (await bus.call({ ...ROOT, interface: SERVICE, member: "queryPanicMode" })) === true;
}

/** Runtime only: lasts until firewalld reloads or stops. */
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
	/** Pairs of a port or range and a protocol. */
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

/** Zones of the permanent configuration, as D-Bus paths, whatever is active. */
export async function permanentZones(bus: Bus): Promise<string[]> {
	return (await bus.call({ ...CONFIG, member: "listZones" })) as string[];
}

export async function permanentRichRules(bus: Bus, path: string): Promise<string[]> {
	return (await bus.call({ ...CONFIG_ZONE, path, member: "getRichRules" })) as string[];
}

export async function removePermanentRichRule(bus: Bus, path: string, rule: string): Promise<void> {
	await bus.call({ ...CONFIG_ZONE, path, member: "removeRichRule", signature: "s", body: [rule] });
}

/** a{sv} is decoded as pairs of a key and a variant, and a variant as its type and a list with its value. */
function variants(value: unknown): Record<string, unknown> {
	const entries = value as [string, [unknown, unknown[]]][];
	return Object.fromEntries(entries.map(([key, [, [inner]]]) => [key, inner]));
}
