/** The guard's daemon: runs a guard with its sockets and its watchdog, from taking the lock to closing the last port. */

import { rmSync } from "node:fs";
import { ConfigError } from "../config/errors.js";
import { hasLegacyTables } from "../firewall/detect.js";
import { Listener } from "../guard/socket/listener.js";
import { PtyTrigger } from "../guard/triggers/pty-trigger.js";
import { SocketDestroyTrigger } from "../guard/triggers/socket-destroy-trigger.js";
import { monotonicClock } from "../system/clock.js";
import { messageOf } from "../system/errors.js";
import { acquireLock } from "./acquire-lock.js";
import { admitUser } from "./admit-user.js";
import { createGuard } from "./create-guard.js";
import { EndSignal } from "./end-signal.js";
import { FirewallSwitch } from "./firewall-switch.js";
import type { Host } from "./host.js";
import type { Log } from "./log.js";
import { noLongerNeeded } from "./on-demand.js";
import { claimRuntimeFolder, prepareRuntimeFolder, put } from "./runtime-folder.js";
import { Watchdog, watchdogProgram } from "./watchdog.js";

/** Where logind keeps an entry for each user who is logged in. (The service has no access to /run/user.) */
const LOGINS = "/run/systemd/users";

export interface DaemonOptions {
	/**
	 * Run on demand, for a host without the service: exit when no login has been announced for this many seconds and no session
	 * has a port, or when a permanent guard starts.
	 */
	readonly for?: number;
}

/** Why a daemon ended. */
export type DaemonEnd = "stopped" | "firewall-switched";

/**
 * Resolves at its end.
 * @throws GuardError, ConfigError, FirewallError when it cannot start
 */
export async function runDaemon(host: Host, log: Log, options: DaemonOptions): Promise<DaemonEnd> {
	// A reload that comes before a guard can follow it, or while one stops, must not end the process, as SIGHUP does by default:
	// what is open would stay open, and systemd would take it for an end that was asked for.
	process.on("SIGHUP", ignoreReload);
	prepareRuntimeFolder(host.paths.folder);
	const isOnDemand = options.for !== undefined;
	const lock = await acquireLock(host.paths, isOnDemand);
	// Before anything is opened: a SIGTERM during the start must be followed by a clean-up.
	const signal = new EndSignal();
	const { onDemand } = host.paths;
	try {
		claimRuntimeFolder(host.paths.folder);
		if (isOnDemand) {
			put(onDemand);
		}
		// Left by an on-demand guard that was killed.
		else {
			rmSync(onDemand, { force: true });
		}
		let end: DaemonEnd;
		// In the same process, which saves the second for which systemd waits, unless its unit may need other privileges than
		// it was started with (systemd/setup, by the tables of iptables-legacy). An on-demand guard is not restarted.
		do {
			end = await guardUntilEnd(host, options, log, signal);
		} while (end === "firewall-switched" && (isOnDemand || !(await hasLegacyTables())));
		return end;
	} finally {
		if (isOnDemand) {
			rmSync(onDemand, { force: true });
		}
		lock.release();
		signal.forget();
	}
}

interface End {
	readonly cause: DaemonEnd;
	/** Another guard adopts what is open. */
	readonly leaveOpen: boolean;
}

async function guardUntilEnd(
	host: Host,
	options: DaemonOptions,
	log: Log,
	signal: EndSignal,
): Promise<DaemonEnd> {
	const { paths } = host;
	let rulesChanged = (): void => undefined;
	const { guard, config, changeHook, nameWatch, reload, loginUids, firewallInForce } = await createGuard(
		host,
		{
			log: log.event,
			triggers: (found) => {
				const { commands, netlink } = host;
				const ends = new SocketDestroyTrigger(commands, () => found.ports, found.knows, netlink);
				return [new PtyTrigger(undefined, () => ends.isHeard), ends];
			},
			rulesChanged: () => rulesChanged(),
		},
	);
	log.level = config.log.level;
	let handOver = (): void => undefined;
	const handedOver = new Promise<void>((resolve) => {
		handOver = resolve;
	});
	const listener = new Listener(
		guard,
		{ public: paths.publicSocket, admin: paths.adminSocket, users: paths.userSockets, logins: LOGINS },
		monotonicClock,
		log.event,
		(path, uid) => admitUser(host.commands, path, uid),
		options.for === undefined ? undefined : handOver,
	);
	const firewallSwitch = new FirewallSwitch({
		controlled: guard.status().firewall.name,
		find: firewallInForce,
		gone: (firewall) => log.event("firewall.gone", { firewall }),
		failed: (cause) => log.event("firewall.unclear", { cause }),
		rulesMark: () => guard.rulesMark(),
		clock: monotonicClock,
	});
	rulesChanged = () => firewallSwitch.rulesChanged();
	const onReload = () => {
		reload().then(
			() => log.event("config.reloaded"),
			(error: unknown) => log.event("config.rejected", faultsOf(error)),
		);
		void firewallSwitch.look();
	};
	process.on("SIGHUP", onReload);
	const watchdog = new Watchdog({
		program: watchdogProgram(),
		work: () => guard.scanned(),
		failed: (cause) => log.event("watch.failed", { trigger: "watchdog", cause: messageOf(cause) }),
	});
	const over = new AbortController();
	let end: End = { cause: "stopped", leaveOpen: false };
	try {
		changeHook.start();
		await guard.start();
		// Not awaited: listing all users may take a directory service a long time.
		await listener.start(loginUids());
		nameWatch.start();
		watchdog.start();
		put(paths.ready, `${process.pid}\n`);
		firewallSwitch.start();
		end = await Promise.race<End>([
			signal.came.then(() => ({ cause: "stopped", leaveOpen: false })),
			handedOver.then(() => ({ cause: "stopped", leaveOpen: true })),
			firewallSwitch.came.then((firewall) => {
				log.event("firewall.exchanged", { firewall });
				return { cause: "firewall-switched", leaveOpen: false };
			}),
			...(options.for === undefined
				? []
				: [
						noLongerNeeded(guard, options.for, paths, log, over.signal).then(
							(): End => ({ cause: "stopped", leaveOpen: false }),
						),
					]),
		]);
	} finally {
		over.abort();
		process.off("SIGHUP", onReload);
		firewallSwitch.stop();
		nameWatch.stop();
		watchdog.stop();
		rmSync(paths.ready, { force: true });
		await listener.stop();
		const { leaveOpen } = end;
		await guard.stop({ leaveOpen }).finally(() => changeHook.stop({ leaveOpen }));
	}
	return end.cause;
}

function ignoreReload(): void {}

function faultsOf(error: unknown): Record<string, unknown> {
	if (error instanceof ConfigError) {
		return { faults: error.faults };
	}
	return { cause: messageOf(error) };
}
