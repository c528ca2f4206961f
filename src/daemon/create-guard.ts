/** Puts the parts of a guard together, for the daemon and for the commands that work without one. */

import { readlinkSync } from "node:fs";
import type { Config } from "../config/schema.js";
import { cutFlows } from "../firewall/conntrack.js";
import { AccountNames } from "../guard/account-names.js";
import { type FlowCutter, Guard } from "../guard/guard.js";
import { KernelDescriptors } from "../guard/kernel/descriptors.js";
import { KernelProcessTable } from "../guard/kernel/processes.js";
import { KernelSocketTable } from "../guard/kernel/sockets.js";
import type { GuardLog } from "../guard/report/events.js";
import type { Home } from "../guard/sessions/identity.js";
import { namesIn, type Settings, settingsFrom } from "../guard/settings.js";
import type { Trigger } from "../guard/triggers/kernel-events.js";
import { SystemAccounts } from "../system/accounts.js";
import { monotonicClock } from "../system/clock.js";
import type { Commands } from "../system/commands.js";
import { ChangeHook } from "./change-hook.js";
import { chooseFirewall } from "./choose-firewall.js";
import { readConfig } from "./configuration.js";
import type { Host } from "./host.js";
import { NameWatch } from "./name-watch.js";

/** A start and a reload wait this long for the name service; the rest it may tell later. */
const NAMES_MS = 2000;

export interface GuardRuntime {
	readonly guard: Guard;
	readonly config: Config;
	/** Not started. */
	readonly changeHook: ChangeHook;
	/** Not started. */
	readonly nameWatch: NameWatch;
	readonly reload: () => Promise<void>;
	/** Who can log in here, as far as the host lists its users. */
	readonly loginUids: () => Promise<readonly number[]>;
	/** As the configuration is now: its name. Throws ConfigError and FirewallError. */
	readonly firewallInForce: () => Promise<string>;
}

export interface GuardRuntimeOptions {
	readonly log?: GuardLog;
	/** What wakes it, given which ports it looks after and knows to be bound. */
	readonly triggers?: (guard: Pick<Guard, "knows" | "ports">) => readonly Trigger[];
	/** Whether openings must last without a guard that renews them. */
	readonly persistent?: boolean;
}

/** Throws ConfigError and FirewallError. */
export async function createGuard(
	host: Host,
	{ log = () => undefined, triggers = () => [], persistent = false }: GuardRuntimeOptions = {},
): Promise<GuardRuntime> {
	const { paths, commands } = host;
	const accounts = new SystemAccounts(commands, { background: true });
	const { config } = readConfig(paths.config);
	const { firewall, reason } = await chooseFirewall(config, host, persistent);
	const names = new AccountNames(accounts);
	let current = config;
	const settingsNow = (): Settings => {
		const settings = settingsFrom(current, names);
		tellNames(settings.unknownNames);
		return settings;
	};
	const tellNames = unknownNamesTeller(log);
	await names.ask(namesIn(config), NAMES_MS);
	const changeHook = new ChangeHook(log);
	changeHook.file = config.hooks.on_change;
	const guard: Guard = new Guard(
		{
			firewall,
			reason,
			sockets: new KernelSocketTable(commands, { often: true, mostPerUser: () => guard.socketsPerUser }),
			processes: new KernelProcessTable(),
			descriptors: new KernelDescriptors(),
			home: ownNamespaces(),
			triggers: triggers({
				knows: (port) => guard.knows(port),
				get ports() {
					return guard.ports;
				},
			}),
			flows: conntrack(commands),
			clock: monotonicClock,
			log,
			settled: () => {
				if (changeHook.wanted) changeHook.see(guard.status().ports.filter(({ state }) => state === "open"));
			},
		},
		settingsNow(),
	);
	const reload = async () => {
		const next = readConfig(paths.config);
		await names.ask(namesIn(next.config), NAMES_MS);
		current = next.config;
		changeHook.file = current.hooks.on_change;
		await guard.apply(settingsNow());
	};
	const nameWatch = new NameWatch({
		names,
		wanted: () => namesIn(current),
		changed: () => guard.apply(settingsNow()),
	});
	const firewallInForce = async () =>
		(await chooseFirewall(readConfig(paths.config).config, host)).firewall.name;
	const loginUids = () => accounts.loginUids();
	return { guard, config, changeHook, nameWatch, reload, loginUids, firewallInForce };
}

/** A line when the names that are not known are others than before. */
function unknownNamesTeller(log: GuardLog): (names: readonly string[]) => void {
	let told = "";
	return (names) => {
		const now = names.join(", ");
		if (now === told) return;
		told = now;
		if (names.length > 0) log("names.unknown", { names });
		else log("names.known");
	};
}

/** Optional: without the tool, flows that stood at the close go on until the kernel forgets them. */
function conntrack(commands: Commands): FlowCutter {
	return {
		cut: async (openings) => {
			if ((await commands.find("conntrack")) !== undefined) await cutFlows(commands, openings);
		},
	};
}

function ownNamespaces(): Home {
	return {
		userNamespace: readlinkSync("/proc/self/ns/user"),
		netNamespace: readlinkSync("/proc/self/ns/net"),
	};
}
