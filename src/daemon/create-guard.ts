/** Assembles a guard for the daemon, or what the commands use where no guard runs. */

import { readlinkSync } from "node:fs";
import type { Config } from "../config/schema.js";
import { CachedVerifier } from "../firewall/cached-verifier.js";
import { FirewallCommands } from "../firewall/commands.js";
import { cutByKernel, cutFlows } from "../firewall/conntrack.js";
import { LimitedCommands } from "../firewall/deadline.js";
import type { Opening } from "../firewall/firewall.js";
import { watchLegacyTables } from "../firewall/iptables/legacy-watch.js";
import { NetworkChanges } from "../firewall/network-changes.js";
import { networkState } from "../firewall/network-state.js";
import { watchOtherRules } from "../firewall/nft-watch.js";
import { AccountNames } from "../guard/account-names.js";
import type { FlowCutter } from "../guard/flow-cuts.js";
import { Guard } from "../guard/guard.js";
import { KernelDescriptors } from "../guard/kernel/descriptors.js";
import { KernelProcessTable } from "../guard/kernel/processes.js";
import { KernelSocketTable } from "../guard/kernel/sockets.js";
import { OneShot } from "../guard/one-shot.js";
import type { GuardLog } from "../guard/report/events.js";
import type { Home } from "../guard/sessions/identity.js";
import { namesIn, type Settings, settingsFrom } from "../guard/settings.js";
import type { Trigger } from "../guard/triggers/trigger.js";
import { SystemAccounts } from "../system/accounts.js";
import { monotonicClock } from "../system/clock.js";
import { ChangeHook } from "./change-hook.js";
import { chooseFirewall } from "./choose-firewall.js";
import { readConfig } from "./configuration.js";
import { explainHeld } from "./explain-openings.js";
import type { InForce } from "./firewall-switch.js";
import type { Host } from "./host.js";
import { NameWatch } from "./name-watch.js";

/** How long a start and a reload wait for the name service (ms); later answers are applied when they come. */
const NAMES_MS = 2000;

export interface GuardRuntime {
	readonly guard: Guard;
	readonly config: Config;
	/** Not started. */
	readonly changeHook: ChangeHook;
	/** Not started. */
	readonly nameWatch: NameWatch;
	/**
	 * Applies the configuration as it is now.
	 * @throws ConfigError
	 */
	readonly reload: () => Promise<void>;
	/** Users who can log in, as far as the host lists its users. */
	readonly loginUids: () => Promise<readonly number[]>;
	/**
	 * The firewall in force, by the configuration as it is now.
	 * @throws ConfigError, FirewallError
	 */
	readonly firewallInForce: () => Promise<InForce>;
}

export interface GuardRuntimeOptions {
	readonly log: GuardLog;
	/** The triggers, given the guarded ports and those that are known to be bound. */
	readonly triggers: (guard: Pick<Guard, "knows" | "ports">) => readonly Trigger[];
	/** Others have changed rules of the host. */
	readonly rulesChanged?: () => void;
}

/** @throws ConfigError, FirewallError */
export async function createGuard(
	host: Host,
	{ log, triggers, rulesChanged }: GuardRuntimeOptions,
): Promise<GuardRuntime> {
	const { paths, commands } = host;
	const { config, accounts, names, dependencies } = await prepare(host);
	let current = config;
	const reportNames = unknownNamesReporter(log);
	const settingsNow = (): Settings => {
		const settings = settingsFrom(current, names);
		reportNames(settings.unknownNames);
		return settings;
	};
	const networkChanges = new NetworkChanges(commands, host.netlink);
	const changeHook = new ChangeHook(log);
	changeHook.file = config.hooks.on_change;
	const guard: Guard = new Guard(
		{
			...dependencies,
			sockets: new KernelSocketTable(commands, {
				prestart: true,
				netlink: host.netlink,
				maxPerUser: () => guard.socketsPerUser,
			}),
			descriptors: new KernelDescriptors(),
			rules: new CachedVerifier(commands, {
				firewall: dependencies.firewall,
				ports: () => guard.ports,
				withinMs: host.readingMs,
				netlink: host.netlink,
			}),
			watchOtherRules: async (listener, isNftSeen) => {
				const own = new FirewallCommands(commands);
				const isFirewalldOurs = dependencies.firewall.name.includes("firewalld");
				const nft = isNftSeen
					? undefined
					: await watchOtherRules(own, { listener, isFirewalldOurs, netlink: host.netlink });
				return [...(nft === undefined ? [] : [nft]), watchLegacyTables(own, listener), networkChanges];
			},
			ways: () => networkState(),
			network: () => networkChanges.mark(),
			...(rulesChanged && { rulesChanged }),
			triggers: triggers({
				knows: (port) => guard.knows(port),
				get ports() {
					return guard.ports;
				},
			}),
			log,
			settled: () => {
				if (changeHook.wanted) {
					changeHook.see(guard.status().ports.filter(({ state }) => state === "open"));
				}
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
	const firewallInForce = async () => {
		const { firewall, unserved, incomplete } = await chooseFirewall(readConfig(paths.config).config, host);
		guard.unserved = unserved;
		return { name: firewall.name, incomplete };
	};
	const loginUids = () => accounts.loginUids();
	return { guard, config, changeHook, nameWatch, reload, loginUids, firewallInForce };
}

/** Logs the names that are not known whenever they change. */
function unknownNamesReporter(log: GuardLog): (names: readonly string[]) => void {
	let told = "";
	return (names) => {
		const now = names.join(", ");
		if (now === told) {
			return;
		}
		told = now;
		if (names.length > 0) {
			log("names.unknown", { names });
		} else {
			log("names.known");
		}
	};
}

/** What a command has where no guard runs. */
export interface OneShotOptions {
	/** Openings must last without a guard that renews them. */
	readonly persistent?: boolean;
	/** What is not known of names, firewall and rules by then is said to be unknown (ms). */
	readonly withinMs?: number;
}

/** @throws ConfigError, FirewallError */
export async function createOneShot(host: Host, options: OneShotOptions = {}): Promise<OneShot> {
	const { config, names, dependencies } = await prepare(host, options);
	const sockets = new KernelSocketTable(host.commands, { maxPerUser: () => oneShot.socketsPerUser });
	const oneShot: OneShot = new OneShot({ ...dependencies, sockets }, settingsFrom(config, names));
	return oneShot;
}

async function prepare(host: Host, { persistent = false, withinMs }: OneShotOptions = {}) {
	const { paths, commands } = host;
	const rulesOf = withinMs === undefined ? commands : new LimitedCommands(commands, withinMs);
	const accounts = new SystemAccounts(commands, { background: true });
	const { config } = readConfig(paths.config);
	const { firewall, reason, unserved, incomplete } = await chooseFirewall(
		config,
		{ ...host, commands: rulesOf },
		persistent,
	);
	const names = new AccountNames(accounts);
	await names.ask(namesIn(config), Math.min(NAMES_MS, withinMs ?? NAMES_MS));
	const dependencies = {
		firewall,
		reason,
		unserved,
		incomplete,
		processes: new KernelProcessTable(),
		home: ownNamespaces(),
		flows: conntrack(host),
		explain: (openings: readonly Opening[], leftMs: number) =>
			explainHeld(commands, openings, host.readingMs ?? leftMs, host.netlink),
		clock: monotonicClock,
	};
	return { config, accounts, names, dependencies };
}

/** The tool is optional: what it takes to cut is left until the kernel forgets it. */
function conntrack({ commands, netlink }: Host): FlowCutter {
	return {
		cut: async (openings) => {
			const left = netlink === undefined ? openings : await cutByKernel(netlink, openings);
			if (left.length > 0 && (await commands.find("conntrack")) !== undefined) {
				await cutFlows(commands, left);
			}
		},
	};
}

function ownNamespaces(): Home {
	return {
		userNamespace: readlinkSync("/proc/self/ns/user"),
		netNamespace: readlinkSync("/proc/self/ns/net"),
	};
}
